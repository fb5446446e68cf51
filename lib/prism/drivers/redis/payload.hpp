#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::redis {

/// Writes values as RESTORE takes them: a type byte, the value as it stands in an RDB file of
/// version 10 (Redis 7.0), the version and a CRC-64 (redis/src/rdb.c, intset.c, listpack.c,
/// quicklist.c). Numbers are little-endian but for lengths. A set is an intset of any size, which
/// the server turns into a hash table where its own limit (set-max-intset-entries) says so; a list
/// is listpacks of up to 8 KiB, as the server's default (list-max-listpack-size -2) makes them.
class PRISM_API PayloadWriter {
 public:
  /// Members in ascending order, each once; at least one.
  static std::size_t set_size(std::span<const Uid> members);
  static void append_set(std::string& out, std::span<const Uid> members);

  /// Plans a list, for list_size and append_list of the same members.
  std::size_t plan_list(std::span<const Uid> members);
  void append_list(std::string& out, std::span<const Uid> members) const;

 private:
  struct Node {
    std::size_t members, bytes;  ///< bytes of the listpack
  };
  std::vector<Node> nodes_;
};

}  // namespace prism::redis
