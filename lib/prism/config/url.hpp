#pragma once

#include <filesystem>
#include <string>

#include <prism/base/export.hpp>

namespace prism::config {

/// The scheme of a URL in lower case; `sqlite` for a plain path.
PRISM_API std::string scheme_of(const std::string& url);

/// The file that names an SQLite database: a plain path, `sqlite:PATH`, `sqlite:///RELATIVE` or
/// `sqlite:////ABSOLUTE` (as SQLAlchemy writes them).
PRISM_API std::filesystem::path sqlite_path(const std::string& url);

/// The URL with what is relative in it put behind `folder`.
PRISM_API std::string resolve_against(const std::string& url, const std::filesystem::path& folder);

/// The URL with `***` in place of a password, for messages.
PRISM_API std::string without_password(const std::string& url);

}  // namespace prism::config
