#include "support/services.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/paths.hpp"
#include "support/process.hpp"

namespace prism::test {
namespace {

std::optional<std::string> value_in(const char* file, const std::string& variable) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(variable + "=")) return line.substr(variable.size() + 1);
  }
  return {};
}

/// Not one that the next test clears away when this one is killed: scripts/services does that, once
/// it has stopped what runs in it.
std::filesystem::path new_folder() {
  std::string name = std::filesystem::temp_directory_path() / "prism-private-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  return name;
}

/// Runs it; throws what it says when it fails.
void run_services(std::vector<std::string> words) {
  Launch launch;
  launch.program = services_script();
  launch.arguments = std::move(words);
  for (const char* name : {"PATH", "HOME", "XDG_CACHE_HOME", "CI"}) {
    if (const char* value = std::getenv(name)) launch.environment[name] = value;
  }
  const Ended ended = run(launch);
  if (ended.code != 0) throw std::runtime_error("scripts/services: " + ended.err);
}

}  // namespace

std::optional<std::string> service(const std::string& variable) {
  if (const char* value = std::getenv(variable.c_str())) return value;
  const char* file = std::getenv("PRISM_TEST_SERVICES");
  return file == nullptr ? std::nullopt : value_in(file, variable);
}

bool has_service(const std::string& variable) {
  if (service(variable)) return true;
  const char* ci = std::getenv("CI");
  const std::string skipped =
      "skipped, for there is no " + variable + "; scripts/services starts what it names";
  if (ci != nullptr && std::string_view(ci) == "true") {
    FAIL_CHECK(skipped);
  } else {
    MESSAGE(skipped);
  }
  return false;
}

PrivateServer::PrivateServer(std::string name, const std::vector<std::string>& options)
    : name_(std::move(name)), folder_(new_folder()) {
  std::vector<std::string> words{"start", "--short-lived", "--while", std::to_string(::getpid())};
  words.insert(words.end(), options.begin(), options.end());
  tell(words, name_);
}

PrivateServer::~PrivateServer() {
  try {
    run_services({"stop", "--dir", folder_});
    std::filesystem::remove_all(folder_);
  } catch (const std::exception& error) {
    MESSAGE(error.what());
  }
}

std::string PrivateServer::value(const std::string& variable) const {
  const auto value = value_in((folder_ / "env").c_str(), variable);
  if (!value) throw std::runtime_error(name_ + " has no " + variable);
  return *value;
}

void PrivateServer::kill(const std::string& member) const { tell({"kill"}, member); }

void PrivateServer::stop(const std::string& member) const { tell({"kill", "--gently"}, member); }

void PrivateServer::restart(const std::string& member) const { tell({"restart"}, member); }

void PrivateServer::pause(const std::string& member) const {
  tell({"kill", "--signal", "STOP"}, member);
}

void PrivateServer::resume(const std::string& member) const {
  tell({"kill", "--signal", "CONT"}, member);
}

void PrivateServer::tell(std::vector<std::string> words, const std::string& member) const {
  words.insert(words.end(), {"--dir", folder_, member.empty() ? name_ : member});
  run_services(std::move(words));
}

}  // namespace prism::test
