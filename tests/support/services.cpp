#include "support/services.hpp"

#include <cstdlib>
#include <fstream>
#include <string_view>

#include <doctest/doctest.h>

namespace prism::test {
namespace {

std::optional<std::string> value_in(const char* file, const std::string& variable) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(variable + "=")) return line.substr(variable.size() + 1);
  }
  return {};
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

}  // namespace prism::test
