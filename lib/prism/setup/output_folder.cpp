#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/setup/output_folder.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListName = ".prismctl-files.json";

bool make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    throw Error(ErrorCode::refused, folder.string() + ": is there and is no folder",
                "--output takes a folder, or - for standard output");
  }
  const bool created = fs::create_directories(folder, error);
  if (error) throw write_error(error.value(), folder.string());
  return created;
}

/// A name that stays in the folder, whatever a list says.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

}  // namespace

FileList read_file_list(const fs::path& folder) {
  const fs::path list = folder / kListName;
  if (!fs::exists(list)) return {};
  constexpr std::size_t kLimit = std::size_t{16} << 20;
  const auto json = nlohmann::json::parse(read_file(list, kLimit), nullptr, false);
  FileList files;
  try {
    for (const auto& file : json.at("files")) {
      const std::string name = file.at("name").get<std::string>();
      if (is_plain_name(name)) files[name] = file.at("workbook").get<std::string>();
    }
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorCode::bad_data, list.string() + ": not a list of converted files",
                "remove it if the folder's files are no longer needed");
  }
  return files;
}

OutputFolder::OutputFolder(fs::path folder)
    : folder_(std::move(folder)),
      created_(make_folder(folder_)),
      staging_(folder_, ".prismctl-convert-"),
      before_(read_file_list(folder_)) {}

OutputFolder::~OutputFolder() {
  // An empty folder that this run made for nothing goes again; its staging folder is still in it.
  std::error_code ignored;
  fs::remove_all(staging_.path(), ignored);
  if (created_) fs::remove(folder_, ignored);
}

void OutputFolder::require_ours(const std::string& name) const {
  if (before_.contains(name) || !fs::exists(folder_ / name)) return;
  throw Error(ErrorCode::refused,
              (folder_ / name).string() + ": is there and was not made by prismctl convert",
              "choose another folder, or move the file away");
}

void OutputFolder::claim(const std::string& name) {
  before_.try_emplace(name);
  write_list(before_);
}

void OutputFolder::write_list(const FileList& files) const {
  nlohmann::ordered_json list{{"schema", 1}, {"files", nlohmann::json::array()}};
  for (const auto& [name, workbook] : files) {
    list["files"].push_back({{"name", name}, {"workbook", workbook}});
  }
  FileWriter writer(staged(kListName));
  writer.buffer() = list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  writer.close();
  fs::rename(staged(kListName), folder_ / kListName);
}

void OutputFolder::publish(const FileList& files) {
  // The list comes first, with old and new names: whatever ends this early, the next run knows all
  // files that are ours.
  FileList both = before_;
  both.insert(files.begin(), files.end());
  write_list(both);
  for (const auto& [name, workbook] : files) {
    if (fs::exists(staged(name))) fs::rename(staged(name), folder_ / name);
  }
  for (const auto& [name, workbook] : before_) {
    if (!files.contains(name)) fs::remove(folder_ / name);
  }
  if (both != files) write_list(files);
  sync_path(folder_);  // once for all: a file system keeps the order of changes in one folder
}

}  // namespace prism::setup
