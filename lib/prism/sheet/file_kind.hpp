#pragma once

#include <cstdint>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/sheet/bytes.hpp>

namespace prism::sheet {

enum class FileFormat : std::uint8_t {
  compound,  ///< OLE2: .xls, or an encrypted .xlsx
  biff,      ///< the records of an .xls without the container
  zip,       ///< .xlsx, or some other format in a zip archive
  text,      ///< perhaps .csv
  markup,    ///< tables that a spreadsheet program can read and save again, under the name .xls
  other,     ///< nothing that is read here
};

struct FileKind {
  FileFormat format;
  std::string_view name;  ///< for people, such as `HTML`
};

/// Tells from its first bytes (some 8 KiB are enough) what a file is, whatever its name says.
PRISM_API FileKind file_kind(Bytes start);

}  // namespace prism::sheet
