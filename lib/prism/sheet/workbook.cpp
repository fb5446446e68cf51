#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/sheet/csv.hpp>
#include <prism/sheet/file_kind.hpp>
#include <prism/sheet/input_file.hpp>
#include <prism/sheet/opened.hpp>
#include <prism/sheet/package_encryption.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/sheet/xls_workbook.hpp>
#include <prism/sheet/xlsx_workbook.hpp>

namespace prism::sheet {
namespace {

[[noreturn]] void throw_not_a_workbook(const std::string& name, const FileKind& found) {
  throw Error(
      ErrorCode::bad_data,
      name + ": not a workbook: found " + std::string(found.name) +
          ", expected .xls, .xlsx or .csv",
      found.format == FileFormat::markup ? "a spreadsheet program can save it as .xlsx" : "");
}

std::unique_ptr<Workbook> open_compound(std::unique_ptr<ByteSource> file, const std::string& name) {
  return opened(name, [&] {
    auto package = decrypt_package(file);
    return package ? open_xlsx(std::move(package), name) : open_xls(std::move(file), name);
  });
}

}  // namespace

std::unique_ptr<Workbook> open_workbook(const std::filesystem::path& path, FieldCount field_count) {
  return open_workbook(std::make_unique<InputFile>(path), path.string(), field_count);
}

std::unique_ptr<Workbook> open_workbook(std::unique_ptr<ByteSource> file, const std::string& name,
                                        FieldCount field_count) {
  constexpr std::size_t kLookAt = 8192;
  std::vector<unsigned char> start(kLookAt);
  start.resize(file->read(0, start));
  const FileKind kind = file_kind(start);
  switch (kind.format) {
    case FileFormat::compound:
      return open_compound(std::move(file), name);
    case FileFormat::biff:
      return open_bare_xls(std::move(file), name);
    case FileFormat::zip:
      return open_xlsx(std::move(file), name);
    case FileFormat::text:
      return open_csv(std::move(file), std::filesystem::path(name).filename().string(),
                      field_count);
    case FileFormat::markup:
    case FileFormat::other:
      break;
  }
  throw_not_a_workbook(name, kind);
}

std::string cell_name(std::uint32_t row, std::uint32_t column) {
  std::string name;
  // Letters are digits without a zero: A to Z are 1 to 26.
  for (std::uint64_t left = std::uint64_t{column} + 1; left > 0; left = (left - 1) / 26) {
    name += static_cast<char>('A' + (left - 1) % 26);
  }
  std::reverse(name.begin(), name.end());
  return name + std::to_string(std::uint64_t{row} + 1);
}

}  // namespace prism::sheet
