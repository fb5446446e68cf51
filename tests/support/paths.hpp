#pragma once

#include <filesystem>

namespace prism::test {

// Where things are that tests use. Only paths.cpp is told, so that all others compile to the same
// wherever the sources lie, which ccache makes use of.

std::filesystem::path prismctl_program();
std::filesystem::path services_script();
std::filesystem::path test_data();
std::filesystem::path examples();
/// Beside the project, on some machines.
std::filesystem::path shared_data();

}  // namespace prism::test
