#include "support/own_services.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

#include "support/process.hpp"

namespace prism::test {

OwnServices::OwnServices(std::initializer_list<std::string> words) {
  std::vector<std::string> all{"start", "--while", std::to_string(::getpid())};
  all.insert(all.end(), words.begin(), words.end());
  call(std::move(all));
}

OwnServices::~OwnServices() {
  try {
    call({"stop"});
  } catch (const std::exception&) {
    return;  // they end with this process anyway
  }
}

std::string OwnServices::operator[](const std::string& variable) const {
  std::ifstream in(folder() / "env");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(variable + "=")) return line.substr(variable.size() + 1);
  }
  throw std::runtime_error("no " + variable);
}

void OwnServices::call(std::vector<std::string> words) const {
  Launch launch;
  launch.program = PRISM_SOURCE "/scripts/services";
  words.insert(words.begin() + 1, {"--dir", folder().string()});
  launch.arguments = std::move(words);
  for (const char* const name : {"PATH", "HOME", "XDG_CACHE_HOME", "CI", "TMPDIR"}) {
    if (const char* value = std::getenv(name)) launch.environment[name] = value;
  }
  if (const Ended ended = run(launch); ended.code != 0) throw std::runtime_error(ended.err);
}

}  // namespace prism::test
