#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a CSV file as a workbook of one sheet, whose cells are all text. Its readers may outlive
/// the workbook.
///
/// Encoding: UTF-8 with or without a byte order mark; UTF-16 of either byte order, with one or, if
/// the first 1 KiB shows it, without (an unpaired surrogate becomes U+FFFD); Windows-1252 if there
/// is no mark and the first row that is not ASCII is not valid UTF-8.
/// Fields: RFC 4180, with commas, semicolons or tabs between them, whatever the file's name is (see
/// detect_csv_dialect); a first line such as `sep=;` declares one and is no row. Lines end with LF
/// or CR LF; with CR if the first 64 KiB has no LF outside quotes.
///
/// Reading throws Error(bad_data) for UTF-32, and one that names the row for a NUL, bytes that are
/// not valid in the file's encoding, UTF-16 cut in a character, a quote that is never closed or
/// followed by text, a wrong number of fields, more than 1,048,576 of them, and a line or quoted
/// field of more than 16 MiB.
PRISM_API std::unique_ptr<Workbook> open_csv(const std::filesystem::path& file,
                                             FieldCount field_count = FieldCount::as_header);

/// The same for what lies elsewhere; `name` is for messages.
PRISM_API std::unique_ptr<Workbook> open_csv(std::shared_ptr<const ByteSource> source,
                                             std::string name,
                                             FieldCount field_count = FieldCount::as_header);

}  // namespace prism::sheet
