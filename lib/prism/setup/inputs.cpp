#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <set>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/setup/output_folder.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;

void require_there(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    throw Error(ErrorCode::input_missing, path.string() + ": no such file or folder");
  }
  if (error) throw system_error(error.value(), path.string());
}

/// A hidden file or the lock file that a spreadsheet program leaves beside an open workbook.
bool is_aside(const std::string& name) { return name.starts_with('.') || name.starts_with("~$"); }

std::vector<fs::path> files_of(const fs::path& folder, std::span<const std::string_view> endings) {
  std::vector<fs::path> files;
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string ending = lower_case(entry.path().extension().string());
      const bool wanted = std::find(endings.begin(), endings.end(), ending) != endings.end();
      if (wanted && entry.is_regular_file() && !is_aside(entry.path().filename().string())) {
        files.push_back(entry.path());
      }
    }
  } catch (const fs::filesystem_error& e) {
    throw system_error(e.code().value(), folder.string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> workbooks_of(const fs::path& folder) {
  static constexpr std::array<std::string_view, 3> kEndings{".xls", ".xlsx", ".xlsm"};
  auto files = files_of(folder, kEndings);
  if (files.empty()) {
    throw Error(ErrorCode::input_missing,
                folder.string() + ": no .xls, .xlsx or .xlsm file in this folder",
                "folders below it are not looked into");
  }
  return files;
}

/// `convert` names its files 0.csv, 1.csv …: 10.csv comes after 9.csv.
bool in_order_of_numbers(const CsvInput& a, const CsvInput& b) {
  const std::string x = a.file.filename().string();
  const std::string y = b.file.filename().string();
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

std::vector<CsvInput> csv_files_of(const fs::path& folder) {
  std::vector<CsvInput> inputs;
  for (const auto& [name, workbook] : read_file_list(folder)) {
    if (!workbook.empty()) inputs.push_back({folder / name, workbook});
  }
  std::sort(inputs.begin(), inputs.end(), in_order_of_numbers);
  if (!inputs.empty()) return inputs;
  static constexpr std::array<std::string_view, 1> kEndings{".csv"};
  for (const fs::path& file : files_of(folder, kEndings)) {
    inputs.push_back({file, file.filename().string()});
  }
  if (inputs.empty()) {
    throw Error(ErrorCode::input_missing, folder.string() + ": no .csv file in this folder");
  }
  return inputs;
}

CsvInput csv_file(const fs::path& file) {
  const std::string name = file.filename().string();
  const FileList list = read_file_list(file.parent_path().empty() ? "." : file.parent_path());
  const auto made = list.find(name);
  return {file, made == list.end() || made->second.empty() ? name : made->second};
}

}  // namespace

std::vector<fs::path> find_workbooks(std::span<const fs::path> paths) {
  std::vector<fs::path> workbooks;
  for (const fs::path& path : paths) {
    require_there(path);
    if (fs::is_directory(path)) {
      const auto inside = workbooks_of(path);
      workbooks.insert(workbooks.end(), inside.begin(), inside.end());
    } else {
      workbooks.push_back(path);
    }
  }
  return workbooks;
}

std::vector<CsvInput> find_csv_files(std::span<const fs::path> paths) {
  std::vector<CsvInput> inputs;
  for (const fs::path& path : paths) {
    require_there(path);
    if (fs::is_directory(path)) {
      const auto inside = csv_files_of(path);
      inputs.insert(inputs.end(), inside.begin(), inside.end());
    } else {
      inputs.push_back(csv_file(path));
    }
  }
  return inputs;
}

void require_distinct(std::span<const std::string> workbooks) {
  std::set<std::string_view> met;
  for (const std::string& workbook : workbooks) {
    if (met.insert(workbook).second) continue;
    throw Error(ErrorCode::usage, "two inputs are named " + in_quotes(workbook),
                "what temporary UIDs stand for is remembered by the workbook's name: rename one, "
                "or load them one after the other if they are versions of the same workbook");
  }
}

std::string fingerprint(std::span<const fs::path> files) {
  Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 20);
  for (const fs::path& file : files) {
    hash.add(file.filename().string());
    std::ifstream in(file, std::ios::binary);
    while (in) {
      in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      hash.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
    }
  }
  return hash.hex();
}

}  // namespace prism::setup
