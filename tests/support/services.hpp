#pragma once

#include <optional>
#include <string>

namespace prism::test {

/// What the environment, or else the file that PRISM_TEST_SERVICES names, says of a variable of
/// scripts/services, such as PRISM_TEST_POSTGRES. Nothing where there is no such server.
std::optional<std::string> service(const std::string& variable);

/// Whether it is there. Where it is not: said, and a failure under CI.
bool has_service(const std::string& variable);

}  // namespace prism::test
