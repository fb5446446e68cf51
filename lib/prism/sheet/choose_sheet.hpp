#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <prism/base/export.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// The index of the worksheet to read: the first visible one, or the one of that name, or of that
/// number counted from 1 over all sheets where none has it for a name. `file` begins the messages.
/// Throws Error: input_missing where there is no such sheet, bad_data where it has no rows.
PRISM_API std::size_t choose_sheet(const Workbook& workbook, const std::string& file,
                                   const std::optional<std::string>& wanted);

}  // namespace prism::sheet
