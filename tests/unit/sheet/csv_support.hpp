#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <prism/sheet/csv.hpp>

namespace prism::sheet::test {

/// A reader of that content as `facts.csv`; its workbook is gone already.
std::unique_ptr<RowReader> csv_rows(std::string content,
                                    FieldCount field_count = FieldCount::as_header);

/// Each row as `1: A=[text] C=[text]`.
std::vector<std::string> csv_lines(std::string content,
                                   FieldCount field_count = FieldCount::as_header);

/// The message of the Error(bad_data) for that content, without the name of the file.
std::string csv_damage(const std::string& content);

/// Without a byte order mark.
std::string utf16_le(std::u16string_view text);
std::string utf16_be(std::u16string_view text);

}  // namespace prism::sheet::test
