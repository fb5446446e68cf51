#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::postgres {

/// `"name"`, for a statement.
PRISM_API std::string quoted_name(std::string_view name);

/// `'text'`, for a statement under standard_conforming_strings.
PRISM_API std::string quoted_text(std::string_view text);

/// Takes the identifier that `text` begins with, quoted or not, and the blanks before it. Nothing
/// where there is none; `text` is untouched then.
PRISM_API std::optional<std::string> take_identifier(std::string_view& text);

/// What the rows of a table are counted by: `schema.table`, each quoted where it holds a dot or a
/// quote, and in UTF-8: bytes that aren't are written `\xE9`.
PRISM_API std::string table_key(std::string_view schema, std::string_view table);

/// The longest beginning of a name that leaves room for a suffix; PostgreSQL keeps 63 bytes.
PRISM_API std::string shortened_name(std::string_view name, std::size_t suffix);

}  // namespace prism::postgres
