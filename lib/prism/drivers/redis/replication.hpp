#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/stream.hpp>
#include <prism/drivers/redis/connection.hpp>

namespace prism::redis {

/// The RDB that a server sends to a replica (redis/src/replication.c): after PSYNC, or SYNC where
/// there is no PSYNC, and newlines for as long as the server is at work, `$LENGTH` or, from a
/// server that doesn't save it to its disk first, `$EOF:` and the 40 bytes that will follow the
/// RDB. It is read no faster than it is asked for. Used by one thread.
class Replication : public ByteSource {
 public:
  /// Returns once the RDB begins. Throws Error(permission) that names the ACL rights which are
  /// missing, Error(unavailable) for a server that can't give one now.
  explicit Replication(Connection connection, std::chrono::milliseconds timeout);

  std::size_t read(std::span<char> into) override;

  /// Throws Error(unavailable) unless the RDB ends where the server said, when what follows its
  /// checksum begins with `rest`.
  void require_end(std::string_view rest);

 private:
  void set_option(std::string_view name, std::string_view value);
  void begin();
  std::string ask_for_rdb();
  void read_header(std::string_view line);
  std::string read_line();
  std::size_t receive(std::span<char> into);
  [[noreturn]] void refuse_rights(bool replconf);
  [[noreturn]] void refuse(std::string_view error);
  [[noreturn]] void fail(const std::string& what) const;

  static constexpr std::size_t kMark = 40;

  Connection connection_;
  std::chrono::milliseconds timeout_;
  std::array<char, 16 * 1024> held_;
  std::size_t held_at_ = 0, held_end_ = 0;
  std::optional<std::uint64_t> left_;  ///< bytes that are still to come; nothing: until the mark
  std::string mark_;
};

}  // namespace prism::redis
