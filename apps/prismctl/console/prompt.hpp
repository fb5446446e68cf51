#pragma once

#include <array>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>

namespace prismctl {

/// Whether somebody can be asked: standard input and standard error are terminals.
bool can_ask();

/// What comes on standard input up to its end. Throws Error(bad_data) when it is longer than
/// `limit` bytes, and what `cancel` says.
std::string read_input(std::size_t limit, const prism::Cancel& cancel);

/// Asks on standard error and gives the line that is typed; empty at the end of the input.
std::string ask(std::string_view question, const prism::Cancel& cancel);

/// Asks two questions; what is typed is not shown. However this ends, the terminal shows what is
/// typed again.
std::array<std::string, 2> ask_unseen(const std::array<std::string, 2>& questions,
                                      const prism::Cancel& cancel);

}  // namespace prismctl
