#include <array>
#include <vector>

#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/backup_manifest.hpp>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace prism::postgres {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::string_view kChecksum = "\"Manifest-Checksum\": \"";

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::bad_data, "backup manifest: " + why);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  fail("no hexadecimal number");
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit_of(hex[i]) * 16 + digit_of(hex[i + 1]));
  }
  return bytes;
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
  file.path = encoded == json.end() ? json.at("Path").get<std::string>() : bytes_of(*encoded);
  file.size = json.at("Size");
  const auto algorithm = json.find("Checksum-Algorithm");
  if (algorithm == json.end()) return file;
  if (*algorithm != "CRC32C") fail("checksums of another kind: " + algorithm->dump());
  file.crc32c = crc_of(json.at("Checksum"));
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
    if (!is_whole_) fail("it has no checksum of its own");
  }

 private:
  void end_line(std::string_view newline) {
    if (is_whole_) fail("something follows its end");
    if (line_.starts_with(kChecksum)) {
      is_whole_ = true;
      if (line_.substr(kChecksum.size(), 64) != hash_.hex()) {
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
    if (!line_.starts_with("{ \"Path\"") && !line_.starts_with("{ \"Encoded-Path\"")) return;
    if (line_.ends_with(',')) line_.pop_back();
    take_(file_of(Json::parse(line_)));
  }

  const std::function<void(const ManifestFile&)>& take_;
  std::string line_;
  Sha256 hash_;
  bool is_whole_ = false;
};

// ---- CRC-32C ------------------------------------------------------------------------------------

std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t kReversed = 0x82F63B78U;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ kReversed : crc >> 1U;
    table[i] = crc;
  }
  return table;
}

std::uint32_t add_by_table(std::uint32_t state, std::string_view bytes) {
  static const auto kTable = make_table();
  for (const char c : bytes) {
    state = kTable[(state ^ static_cast<unsigned char>(c)) & 0xFFU] ^ state >> 8U;
  }
  return state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t add_by_instruction(std::uint32_t state,
                                                                   std::string_view bytes) {
  std::uint64_t wide = state;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    bytes.copy(reinterpret_cast<char*>(&word), sizeof word);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const char c : bytes) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(c));
  return narrow;
}
#endif

}  // namespace

void Crc32c::add(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool kHasInstruction = __builtin_cpu_supports("sse4.2");
  if (kHasInstruction) {
    state_ = add_by_instruction(state_, bytes);
    return;
  }
#endif
  state_ = add_by_table(state_, bytes);
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
