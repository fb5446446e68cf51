#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/hex.hpp>
#include <prism/base/text.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/drivers/postgres/physical/file_list.hpp>

namespace prism::postgres {
namespace {

using Json = nlohmann::ordered_json;

/// A path has 4,096 bytes at most, each of them six in JSON.
constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::array<const char*, 3> kKinds{"file", "folder", "link"};

std::string bytes_of(const std::string& digits) {
  auto bytes = from_hexadecimal(digits);
  if (!bytes) throw Error(ErrorCode::bad_data, "list of files: no hexadecimal path");
  return std::move(*bytes);
}

EntryKind kind_of(const std::string& name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (name == kKinds[i]) return static_cast<EntryKind>(i);
  }
  throw Error(ErrorCode::bad_data, "list of files: no kind of file: " + in_quotes(name));
}

StoredFile file_of(const Json& json) {
  StoredFile file;
  const auto hex = json.find("path_hex");
  file.entry.path = hex == json.end() ? json.at("path").get<std::string>() : bytes_of(*hex);
  file.entry.kind = kind_of(json.at("kind"));
  file.entry.mode = json.at("mode");
  file.entry.modified = json.at("modified");
  if (file.entry.kind == EntryKind::link) file.entry.target = json.at("target");
  if (file.entry.kind != EntryKind::file) return file;
  file.entry.size = json.at("size");
  file.first = json.at("first");
  const auto crc = json.find("crc32c");
  if (crc != json.end()) file.crc32c = crc->get<std::uint32_t>();
  return file;
}

StoredFile parse_line(const std::string& line) {
  try {
    StoredFile file = file_of(Json::parse(line));
    require_inside(file.entry.path);
    return file;
  } catch (const Json::exception& e) {
    throw Error(ErrorCode::bad_data, std::string("list of files: ") + e.what());
  }
}

/// Hands on line by line.
class Lines {
 public:
  explicit Lines(ByteSource& source) : source_(source), block_(64 * 1024) {}

  bool next(std::string& line) {
    line.clear();
    for (;;) {
      const std::string_view rest(block_.data() + at_, size_ - at_);
      const std::size_t end = rest.find('\n');
      line.append(rest.substr(0, end));
      if (line.size() > kLongestLine) {
        throw Error(ErrorCode::bad_data, "list of files: a line is too long");
      }
      at_ = end == std::string_view::npos ? size_ : at_ + end + 1;
      if (end != std::string_view::npos) return true;
      size_ = source_.read(block_);
      at_ = 0;
      if (size_ == 0) return !line.empty();
    }
  }

 private:
  ByteSource& source_;
  std::vector<char> block_;
  std::size_t at_ = 0, size_ = 0;
};

}  // namespace

std::uint64_t StoredFile::block_count() const {
  return entry.size / blocks::kBlockBytes + (entry.size % blocks::kBlockBytes > 0 ? 1 : 0);
}

std::string to_json_line(const StoredFile& file) {
  const BackupEntry& entry = file.entry;
  Json json;
  if (find_invalid_utf8(entry.path) == std::string::npos) {
    json["path"] = entry.path;
  } else {
    json["path_hex"] = hexadecimal(entry.path);
  }
  json["kind"] = kKinds[static_cast<std::size_t>(entry.kind)];
  json["mode"] = entry.mode;
  json["modified"] = entry.modified;
  if (entry.kind == EntryKind::link) json["target"] = entry.target;
  if (entry.kind == EntryKind::file) {
    json["size"] = entry.size;
    json["first"] = file.first;
    if (file.crc32c) json["crc32c"] = *file.crc32c;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void read_file_list(ByteSource& source, const std::function<void(const StoredFile&)>& take) {
  Lines lines(source);
  std::uint64_t next = 0;
  for (std::string line; lines.next(line);) {
    const StoredFile file = parse_line(line);
    if (file.entry.kind == EntryKind::file) {
      if (file.first != next) {
        throw Error(ErrorCode::bad_data,
                    "list of files: " + in_quotes(file.entry.path) + " has other blocks");
      }
      next += file.block_count();
    }
    take(file);
  }
}

void require_inside(const std::string& path) {
  bool good = !path.empty() && path[0] != '/' && path.find('\0') == std::string::npos;
  for (std::size_t at = 0; good && at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = std::string_view(path).substr(at, end - at);
    good = !part.empty() && part != "." && part != "..";
    at = end + 1;
  }
  if (!good) throw Error(ErrorCode::bad_data, "no path in a data folder: " + in_quotes(path));
}

}  // namespace prism::postgres
