#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "session.hpp"

namespace prismctl {

/// `--password-file FILE`
CLI::Option* add_password_file(CLI::App& app, std::string& file);

/// The password that a user is to have: from the file (`-` is standard input), else
/// PRISM_ADMIN_PASSWORD, else asked for, twice. Throws Error(usage) where nobody can be asked, and
/// Error(bad_data) for one that won't do.
std::string take_password(const std::string& file, const std::string& username, Session& session);

}  // namespace prismctl
