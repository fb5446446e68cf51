#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::config {

/// The scheme of a URL in lower case; `sqlite` for a plain path.
PRISM_API std::string scheme_of(const std::string& url);

/// The file that names an SQLite database: a plain path, `sqlite:PATH`, `sqlite:///RELATIVE` or
/// `sqlite:////ABSOLUTE` (as SQLAlchemy writes them).
PRISM_API std::filesystem::path sqlite_path(const std::string& url);

/// The URL with what is relative in it put behind `folder`.
PRISM_API std::string resolve_against(const std::string& url, const std::filesystem::path& folder);

/// The URL with `***` in place of a password, for messages: that of the user, and those of
/// parameters such as `?password=`, however their names are encoded.
PRISM_API std::string without_password(const std::string& url);

/// The password in a URL, decoded: that of the user, or of a parameter `?password=`. Empty where
/// there is none; a name alone is a token for NATS.
PRISM_API std::string password_of(const std::string& url);

/// The hosts of `scheme://user@host:port,host:port/…`, without their ports; none for a file or a
/// socket.
PRISM_API std::vector<std::string> hosts_of(const std::string& url);

/// The value of a query parameter, decoded; empty where it is not there.
PRISM_API std::string parameter_of(const std::string& url, std::string_view name);

/// The text as a part of a URL: all but letters, digits, `-`, `.`, `_` and `~` as `%XX` (RFC 3986
/// section 2.1).
PRISM_API std::string percent_encoded(std::string_view text);

/// The text with `%XX` as the bytes that they stand for; what is no such escape stays.
PRISM_API std::string percent_decoded(std::string_view text);

/// Whether two URLs name one database as far as they tell: same host, port and path, whoever the
/// user and whatever the parameters. An empty one names none.
PRISM_API bool is_same_place(const std::string& a, const std::string& b);

/// Takes the query parameters of these names out of the URL; returns the first's value, decoded.
PRISM_API std::string take_parameters(std::string& url, std::span<const std::string_view> names);

}  // namespace prism::config
