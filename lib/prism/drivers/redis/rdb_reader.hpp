#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/drivers/redis/rdb_input.hpp>
#include <prism/drivers/redis/rdb_value.hpp>

namespace prism::redis {

/// What an RDB says of a key before its value.
struct RdbKey {
  std::uint64_t database = 0;
  std::string name = {};
  std::uint8_t type = 0;                       ///< RDB_TYPE_… of redis/src/rdb.h
  std::optional<std::int64_t> expires = {};    ///< ms since 1970
  std::optional<std::uint64_t> idle = {};      ///< s, at the time of the dump (LRU)
  std::optional<std::uint8_t> frequency = {};  ///< logarithmic (LFU)
};

/// Is told what an RDB holds, in its order.
class PRISM_API RdbVisitor {
 public:
  virtual ~RdbVisitor() = default;
  /// First of all.
  virtual void version(unsigned) {}
  /// Such as `redis-ver`; long values, such as Lua scripts, are left out.
  virtual void aux(std::string_view, std::string_view) {}
  /// The code of a library.
  virtual void function(const std::string&) {}
  /// Returns what gets the bytes of the value, in their encoding; null: nothing does.
  virtual ByteSink* key(const RdbKey&) { return nullptr; }
  /// The value has ended, after so many bytes.
  virtual void value(const RdbKey&, std::uint64_t) {}
  /// Last of all: the types of modules that values are of, and those that keep something beside.
  virtual void modules(const ModuleTypes&, const ModuleTypes&) {}
};

/// Reads an RDB of Redis 2.6 or newer (from version 5 on; redis/src/rdb.h, rdb.c; Valkey 7.2 and 8
/// write version 11) and verifies its checksum. All is known up to version 12, of Redis 7.4
/// and 8.0; a newer one is read for as long as it holds nothing else, which its checksum proves.
/// Memory is bounded, but for a key's name, whatever it holds or claims to hold. Throws
/// Error(bad_data) that says at which byte. Used by one thread.
class PRISM_API RdbReader {
 public:
  /// `copy` gets the RDB, without what follows it; null: nothing does. With it a missing checksum
  /// (`rdbchecksum no`) is accepted, for the copy gets one.
  RdbReader(ByteSource& source, RdbVisitor& visitor, const Cancel& cancel,
            ByteSink* copy = nullptr);

  /// Up to its checksum.
  void read();

  /// What the source gave that lies behind the checksum.
  std::string_view rest() const { return input_.rest(); }

 private:
  void read_magic();
  /// False for the end.
  bool read_part();
  void read_aux();
  void read_function();
  void read_key(std::uint8_t type);
  void read_checksum();

  RdbInput input_;
  RdbVisitor& visitor_;
  ByteSink* copy_;
  RdbKey key_;
  ModuleTypes modules_, aux_modules_;
};

/// Reads an RDB that is all that the source holds.
PRISM_API void read_rdb(ByteSource& source, RdbVisitor& visitor, const Cancel& cancel);

}  // namespace prism::redis
