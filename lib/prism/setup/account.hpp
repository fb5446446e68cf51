#pragma once

#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::setup {

/// Throws Error(usage) for what is no name of a user: 4 to 50 characters of UTF-8, neither control
/// characters nor blanks at an end.
PRISM_API void require_username(std::string_view username);

/// Throws Error(usage) for what can't be an address: one `@` with something on both sides, up to
/// 255 characters, no blanks. An empty one is none.
PRISM_API void require_email(std::string_view email);

/// Throws Error(bad_data) for less than 8 characters, more than 72 bytes (bcrypt would ignore what
/// comes after them), or a NUL. The message never repeats any of it.
PRISM_API void require_password(std::string_view password);

/// Its bcrypt hash (`$2b$12$…`, 60 characters) with a salt of its own, for a password that
/// require_password lets pass. Takes some 0.2 s of CPU.
PRISM_API std::string hash_password(const std::string& password);

}  // namespace prism::setup
