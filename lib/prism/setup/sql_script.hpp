#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::setup {

/// One of the statements of a script.
struct SqlStatement {
  std::string_view text;  ///< from its first token to its semicolon
  std::size_t line = 0;   ///< where it begins, from 1 on
  /// The first 64 that are in no parentheses; quoted ones are empty, for they are no keywords.
  std::vector<std::string_view> words;
  std::size_t meta_command_line = 0;  ///< where a backslash stands that is in no string; 0: nowhere
  std::size_t unclosed_line = 0;      ///< where a string, name or comment without an end begins
};

/// The statements of a script, told apart as psql does: neither within parentheses nor between
/// BEGIN ATOMIC and END of an SQL function. The text must outlive them.
PRISM_API std::vector<SqlStatement> split_sql(std::string_view sql);

/// Why a script can't be run within a transaction of someone else.
struct SqlRefusal {
  std::size_t line = 0;
  std::string what;
  std::string advice;
};

/// The first reason: it controls transactions itself, asks for psql, needs to be outside of a
/// transaction, or is cut short.
PRISM_API std::optional<SqlRefusal> find_refusal(std::string_view sql);

}  // namespace prism::setup
