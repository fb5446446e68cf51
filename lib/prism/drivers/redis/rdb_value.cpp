#include <prism/drivers/redis/rdb_string.hpp>
#include <prism/drivers/redis/rdb_value.hpp>

namespace prism::redis {
namespace {

enum Type : std::uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kZset = 3,
  kHash = 4,
  kZset2 = 5,
  kModuleOfCandidate = 6,
  kModule2 = 7,
  kNobody = 8,  ///< was never given away
  kHashZipmap = 9,
  kListZiplist = 10,
  kSetIntset = 11,
  kZsetZiplist = 12,
  kHashZiplist = 13,
  kListQuicklist = 14,
  kStreamListpacks = 15,
  kHashListpack = 16,
  kZsetListpack = 17,
  kListQuicklist2 = 18,
  kStreamListpacks2 = 19,
  kSetListpack = 20,
  kStreamListpacks3 = 21,
  kHashTtlOfCandidate = 22,
  kHashListpackTtlOfCandidate = 23,
  kHashTtl = 24,
  kHashListpackTtl = 25,
};

constexpr std::uint64_t kTime = 8;      ///< bytes of milliseconds
constexpr std::uint64_t kDouble = 8;    ///< bytes
constexpr std::uint64_t kEntryId = 16;  ///< bytes of a stream entry's

/// Calls `skip_one` as often as the length before says.
template <typename SkipOne>
void skip_each(RdbInput& input, SkipOne skip_one) {
  for (std::uint64_t left = read_length(input); left > 0; --left) skip_one();
}

void skip_strings(RdbInput& input, int each) {
  skip_each(input, [&] {
    for (int i = 0; i < each; ++i) skip_string(input);
  });
}

/// As text of so many bytes; above 252 it is none: not a number and the infinities.
void skip_score_text(RdbInput& input) {
  constexpr std::uint8_t kLongest = 252;
  const std::uint8_t size = input.byte();
  if (size <= kLongest) input.skip(size);
}

void skip_zset(RdbInput& input, bool binary) {
  skip_each(input, [&] {
    skip_string(input);
    if (binary) {
      input.skip(kDouble);
    } else {
      skip_score_text(input);
    }
  });
}

void skip_quicklist2(RdbInput& input) {
  constexpr std::uint64_t kPlain = 1, kPacked = 2;
  skip_each(input, [&] {
    const std::uint64_t container = read_length(input);
    if (container != kPlain && container != kPacked) input.refuse("a list's node of unknown kind");
    skip_string(input);
  });
}

/// Each: a field, its time to live before it.
void skip_hash_with_times(RdbInput& input) {
  skip_each(input, [&] {
    read_length(input);
    skip_string(input);
    skip_string(input);
  });
}

void skip_lengths(RdbInput& input, int count) {
  for (int i = 0; i < count; ++i) read_length(input);
}

void skip_consumers(RdbInput& input, int version) {
  skip_each(input, [&] {
    skip_string(input);                            // its name
    input.skip(version >= 3 ? 2 * kTime : kTime);  // seen, active
    skip_each(input, [&] { input.skip(kEntryId); });
  });
}

void skip_group(RdbInput& input, int version) {
  skip_string(input);
  skip_lengths(input, version >= 2 ? 3 : 2);  // the last entry's ID, how many were read
  skip_each(input, [&] {                      // entries that were delivered and not acknowledged
    input.skip(kEntryId + kTime);
    read_length(input);
  });
  skip_consumers(input, version);
}

void skip_stream(RdbInput& input, int version) {
  skip_strings(input, 2);  // the first entry's ID, a listpack
  // How many entries, the last one's ID; the first one's, the greatest deleted one's, how many
  // ever.
  skip_lengths(input, version >= 2 ? 8 : 3);
  skip_each(input, [&] { skip_group(input, version); });
}

/// What a module wrote: each part says what it is, so that a module is not needed to read it.
void skip_module_parts(RdbInput& input) {
  constexpr std::uint64_t kEnd = 0, kSigned = 1, kUnsigned = 2, kFloat = 3, kDoublePart = 4,
                          kStringPart = 5;
  for (;;) {
    switch (read_length(input)) {
      case kEnd:
        return;
      case kSigned:
      case kUnsigned:
        read_length(input);
        break;
      case kFloat:
        input.skip(sizeof(float));
        break;
      case kDoublePart:
        input.skip(kDouble);
        break;
      case kStringPart:
        skip_string(input);
        break;
      default:
        input.refuse("a module's value has a part of unknown kind");
    }
  }
}

void skip_module_value(RdbInput& input, ModuleTypes& modules) {
  modules.insert(module_type_name(read_length(input)));
  skip_module_parts(input);
}

}  // namespace

std::string module_type_name(std::uint64_t number) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string name(9, ' ');
  number >>= 10;
  for (auto letter = name.rbegin(); letter != name.rend(); ++letter, number >>= 6) {
    *letter = kLetters[number & 0x3f];
  }
  return name;
}

void skip_module_aux(RdbInput& input, ModuleTypes& modules) {
  modules.insert(module_type_name(read_length(input)));
  skip_lengths(input, 2);  // when: before or after the keys
  skip_module_parts(input);
}

void require_value_type(const RdbInput& input, std::uint8_t type) {
  if (type > kHashListpackTtl || type == kNobody) {
    input.refuse("a value of the unknown type " + std::to_string(type));
  }
}

void skip_value(RdbInput& input, std::uint8_t type, ModuleTypes& modules) {
  switch (type) {
    case kString:
    case kHashZipmap:
    case kListZiplist:
    case kSetIntset:
    case kZsetZiplist:
    case kHashZiplist:
    case kHashListpack:
    case kZsetListpack:
    case kSetListpack:
    case kHashListpackTtlOfCandidate:
      return skip_string(input);
    case kHashListpackTtl:
      input.skip(kTime);
      return skip_string(input);
    case kList:
    case kSet:
    case kListQuicklist:
      return skip_strings(input, 1);
    case kHash:
      return skip_strings(input, 2);
    case kZset:
    case kZset2:
      return skip_zset(input, type == kZset2);
    case kListQuicklist2:
      return skip_quicklist2(input);
    case kHashTtl:
      input.skip(kTime);
      return skip_hash_with_times(input);
    case kHashTtlOfCandidate:
      return skip_hash_with_times(input);
    case kStreamListpacks:
      return skip_stream(input, 1);
    case kStreamListpacks2:
      return skip_stream(input, 2);
    case kStreamListpacks3:
      return skip_stream(input, 3);
    case kModule2:
      return skip_module_value(input, modules);
    case kModuleOfCandidate:
      input.refuse("a module's value as release candidates of Redis 4.0 wrote it");
    default:
      require_value_type(input, type);
  }
}

}  // namespace prism::redis
