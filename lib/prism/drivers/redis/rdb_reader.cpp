#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/rdb_reader.hpp>
#include <prism/drivers/redis/rdb_string.hpp>

namespace prism::redis {
namespace {

enum Opcode : std::uint8_t {
  kSlotInfo = 244,
  kFunction2 = 245,
  kFunctionOfCandidate = 246,
  kModuleAux = 247,
  kIdle = 248,
  kFrequency = 249,
  kAux = 250,
  kResizeDatabase = 251,
  kExpiresMilliseconds = 252,
  kExpiresSeconds = 253,
  kSelectDatabase = 254,
  kEnd = 255,
};

constexpr unsigned kNewest = 12;
constexpr unsigned kOldest = 5;                       ///< Redis 2.6, the first with a checksum
constexpr std::uint64_t kLongestName = 512ULL << 20;  ///< what a server takes for a string
constexpr std::uint64_t kLongestCode = 64ULL << 20;
constexpr std::uint64_t kLongestAux = 4096;

}  // namespace

RdbReader::RdbReader(ByteSource& source, RdbVisitor& visitor, const Cancel& cancel, ByteSink* copy)
    : input_(source, copy, cancel), visitor_(visitor), copy_(copy) {}

void RdbReader::read() {
  read_magic();
  while (read_part()) {
  }
  read_checksum();
  visitor_.modules(modules_, aux_modules_);
}

/// `REDIS0010`
void RdbReader::read_magic() {
  char magic[9];
  input_.fill(magic);
  const std::string_view text(magic, sizeof magic);
  if (text.starts_with("VALKEY")) {
    input_.refuse("written by Valkey 9 or newer, whose RDB is another");
  }
  unsigned version = 0;
  const auto [end, error] = std::from_chars(magic + 5, magic + sizeof magic, version);
  if (!text.starts_with("REDIS") || error != std::errc() || end != magic + sizeof magic) {
    input_.refuse("no RDB: begins with " + in_quotes(text));
  }
  if (version < kOldest) {
    input_.refuse("RDB version " + std::to_string(version) + ", which has no checksum");
  }
  if (version > kNewest) {
    input_.add_to_refusals(", of RDB version " + std::to_string(version) +
                           ", which is newer than this version of prismctl");
  }
  visitor_.version(version);
}

bool RdbReader::read_part() {
  const std::uint8_t what = input_.byte();
  switch (what) {
    case kEnd:
      return false;
    case kSelectDatabase:
      key_.database = read_length(input_);
      break;
    case kResizeDatabase:
      read_length(input_);
      read_length(input_);
      break;
    case kSlotInfo:
      for (int i = 0; i < 3; ++i) read_length(input_);
      break;
    case kAux:
      read_aux();
      break;
    case kModuleAux:
      skip_module_aux(input_, aux_modules_);
      break;
    case kFunction2:
      read_function();
      break;
    case kFunctionOfCandidate:
      input_.refuse("a function as release candidates of Redis 7.0 wrote it");
    case kExpiresMilliseconds:
      key_.expires = input_.number<std::int64_t>();
      break;
    case kExpiresSeconds:
      key_.expires = input_.number<std::int32_t>() * std::int64_t{1000};
      break;
    case kIdle:
      key_.idle = read_length(input_);
      break;
    case kFrequency:
      key_.frequency = input_.byte();
      break;
    default:
      read_key(what);
  }
  return true;
}

void RdbReader::read_aux() {
  const auto name = read_string(input_, kLongestAux);
  const auto value = read_string(input_, kLongestAux);
  if (name && value) visitor_.aux(*name, *value);
}

void RdbReader::read_function() {
  const auto code = read_string(input_, kLongestCode);
  if (!code) input_.refuse("a function library of more than 64 MiB");
  visitor_.function(*code);
}

void RdbReader::read_key(std::uint8_t type) {
  require_value_type(input_, type);
  auto name = read_string(input_, kLongestName);
  if (!name) input_.refuse("a key of more than 512 MiB");
  key_.name = std::move(*name);
  key_.type = type;
  input_.copy_to(visitor_.key(key_));
  const std::uint64_t begin = input_.offset();
  skip_value(input_, type, modules_);
  input_.copy_to(nullptr);
  visitor_.value(key_, input_.offset() - begin);
  key_ = {.database = key_.database};
}

void RdbReader::read_checksum() {
  const std::uint64_t found = input_.checksum();
  input_.copy_all_to(nullptr);
  const auto written = input_.number<std::uint64_t>();
  const bool missing = written == 0 && copy_ != nullptr;
  if (written != found && !missing) input_.refuse("damaged: its checksum is another");
  if (copy_ != nullptr) copy_->write({reinterpret_cast<const char*>(&found), sizeof found});
}

void read_rdb(ByteSource& source, RdbVisitor& visitor, const Cancel& cancel) {
  RdbReader reader(source, visitor, cancel);
  reader.read();
  char byte = 0;
  if (reader.rest().empty() && source.read({&byte, 1}) == 0) return;
  throw Error(ErrorCode::bad_data, "RDB: something follows its checksum");
}

}  // namespace prism::redis
