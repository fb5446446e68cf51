#include "support/paths.hpp"

namespace prism::test {

std::filesystem::path prismctl_program() { return PRISM_CTL; }
std::filesystem::path services_script() { return PRISM_SOURCE "/scripts/services"; }
std::filesystem::path test_data() { return PRISM_SOURCE "/tests/data"; }
std::filesystem::path examples() { return PRISM_SOURCE "/examples"; }
std::filesystem::path shared_data() { return PRISM_SOURCE "/../shared/data"; }

}  // namespace prism::test
