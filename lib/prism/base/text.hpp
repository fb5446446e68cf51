#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// Without the white space (blank, tab, CR, LF, NBSP in UTF-8) at both ends.
PRISM_API std::string_view trimmed(std::string_view text);

/// Compares ASCII letters without regard to case.
PRISM_API bool equals_ignoring_case(std::string_view a, std::string_view b);

PRISM_API std::string lower_case(std::string_view text);

/// The offset of the first byte that is not well-formed UTF-8 (RFC 3629), or npos.
PRISM_API std::size_t find_invalid_utf8(std::string_view text);

/// The shortest text that reads back as the same number; integers without exponent.
PRISM_API void append_number(std::string& out, double number);

/// `5,263`: for people, never for data.
PRISM_API std::string with_separators(std::uint64_t number);

/// `0.12 s`, `3 min 20 s`
PRISM_API std::string format_seconds(double seconds);

/// `1.5 MB`: thousands, not 1024s.
PRISM_API std::string format_bytes(std::uint64_t bytes);

/// The text in single quotes, cut to about 60 characters, control characters and what is not UTF-8
/// made visible: how messages show a value that was found.
PRISM_API std::string in_quotes(std::string_view value);

/// Appends one RFC 4180 field, quoted where it must be.
PRISM_API void append_csv_field(std::string& out, std::string_view field);

/// How many edits (insert, delete, replace, swap of neighbours) lie between two words.
PRISM_API std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace prism
