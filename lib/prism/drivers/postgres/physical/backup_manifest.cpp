#include <algorithm>
#include <array>
#include <vector>

#include <isa-l/crc.h>
#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/hex.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/backup_manifest.hpp>

namespace prism::postgres {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestLine = 64 * 1024;
/// The second, of PostgreSQL 17, names the system; see "Backup Manifest Format" in the manual.
constexpr std::array<std::string_view, 2> kVersions{"{ \"PostgreSQL-Backup-Manifest-Version\": 1,",
                                                    "{ \"PostgreSQL-Backup-Manifest-Version\": 2,"};
constexpr std::string_view kFiles = "\"Files\": [";
constexpr std::string_view kChecksum = "\"Manifest-Checksum\": \"";

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::bad_data, "backup manifest: " + why);
}

std::string bytes_of(const std::string& digits) {
  auto bytes = from_hexadecimal(digits);
  if (!bytes) fail("no hexadecimal number");
  return std::move(*bytes);
}

/// The server writes the bytes of its number as they lie in memory.
std::uint32_t crc_of(const std::string& hex) {
  const std::string bytes = bytes_of(hex);
  if (bytes.size() != 4) fail("no CRC-32C");
  std::uint32_t crc = 0;
  for (std::size_t i = 4; i-- > 0;) crc = crc << 8U | static_cast<unsigned char>(bytes[i]);
  return crc;
}

ManifestFile file_of(const Json& json) {
  ManifestFile file;
  const auto encoded = json.find("Encoded-Path");
  file.path = encoded == json.end() ? json.at("Path").get<std::string>()
                                    : bytes_of(encoded->get<std::string>());
  if (!json.at("Size").is_number_unsigned()) fail("a size is none");
  file.size = json.at("Size");
  const auto algorithm = json.find("Checksum-Algorithm");
  if (algorithm == json.end()) return file;
  if (*algorithm != "CRC32C") fail("checksums of another kind: " + algorithm->dump());
  file.crc32c = crc_of(json.at("Checksum").get<std::string>());
  return file;
}

/// The server writes each file on a line of its own, and the checksum of all before on the last.
class Reader {
 public:
  explicit Reader(const std::function<void(const ManifestFile&)>& take) : take_(take) {}

  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      line_ += bytes.substr(0, end);
      if (line_.size() > kLongestLine) fail("a line is too long");
      if (end == std::string_view::npos) return;
      end_line("\n");
      bytes.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (!line_.empty()) end_line("");
    if (!is_whole_ || part_ != Part::behind) fail("it is cut off");
  }

 private:
  void end_line(std::string_view newline) {
    if (is_whole_) fail("something follows its end");
    if (line_.starts_with(kChecksum)) {
      is_whole_ = true;
      if (line_ != std::string(kChecksum) + hash_.hex() + "\"}") {
        fail("it is not what its own SHA-256 is of");
      }
    } else {
      hash_.add(line_);
      hash_.add(newline);
      take_line();
    }
    line_.clear();
  }

  void take_line() {
    switch (part_) {
      case Part::version:
        return begin();
      case Part::before:
        if (line_ == kFiles) part_ = Part::files;
        return;
      case Part::files:
        return take_file();
      case Part::behind:
        return;
    }
  }

  void begin() {
    if (std::find(kVersions.begin(), kVersions.end(), line_) == kVersions.end()) {
      fail("expected version 1 or 2, found " + in_quotes(line_));
    }
    part_ = Part::before;
  }

  void take_file() {
    if (line_ == "],") {
      part_ = Part::behind;
    } else if (!line_.empty()) {
      if (line_.ends_with(',')) line_.pop_back();
      // The parser's own words would repeat bytes that are no text.
      const Json json = Json::parse(line_, nullptr, false);
      if (!json.is_object()) fail("no file: " + in_quotes(line_));
      take_(file_of(json));
    }
  }

  enum class Part : std::uint8_t { version, before, files, behind };

  const std::function<void(const ManifestFile&)>& take_;
  std::string line_;
  Sha256 hash_;
  Part part_ = Part::version;
  bool is_whole_ = false;
};

}  // namespace

void Crc32c::add(std::string_view bytes) {
  constexpr std::size_t kPiece = 1U << 30U;  // ISA-L counts in int, and does not write
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size()))) {
    auto* const begin = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state_ = crc32_iscsi(begin, static_cast<int>(std::min(kPiece, bytes.size())), state_);
  }
}

void read_backup_manifest(ByteSource& source,
                          const std::function<void(const ManifestFile&)>& take) {
  Reader reader(take);
  std::vector<char> block(64 * 1024);
  try {
    while (const std::size_t size = source.read(block)) reader.add({block.data(), size});
    reader.finish();
  } catch (const Json::exception& e) {
    fail(e.what());
  }
}

}  // namespace prism::postgres
