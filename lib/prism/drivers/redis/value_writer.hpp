#pragma once

#include <string>

#include <prism/cache/sink.hpp>
#include <prism/drivers/redis/payload.hpp>

namespace prism::redis {

/// Writes the commands that give a key a value, whatever it held before. Readers see the old value
/// or the new one: it is one RESTORE, or a transaction.
class PRISM_API ValueWriter {
 public:
  /// `restore`: the server takes RESTORE from us and is Redis 7.0 or newer.
  explicit ValueWriter(bool restore) : restore_(restore) {}

  /// Appends to `out`; how many replies will come. Throws Error(internal) for a set whose members
  /// do not ascend.
  std::size_t append(std::string& out, cache::Family family, std::string_view key,
                     std::span<const Uid> members);

 private:
  void append_restore(std::string& out, bool list, std::string_view key,
                      std::span<const Uid> members);
  static std::size_t append_transaction(std::string& out, bool list, std::string_view key,
                                        std::span<const Uid> members);

  bool restore_;
  PayloadWriter payload_;
};

}  // namespace prism::redis
