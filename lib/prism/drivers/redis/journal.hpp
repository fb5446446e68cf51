#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <prism/base/spool.hpp>

namespace prism::redis {

/// All that was put in a rebuild, as commands, in a temporary file: what a server lost in a
/// failover can be sent again. Takes the room of the commands on disk, and no memory.
class Journal {
 public:
  struct Entry {
    std::uint16_t slot;
    std::size_t replies;
    std::string_view commands;
  };

  void add(const Entry& entry);
  /// Calls `take` for every entry, in their order; more may be added afterwards.
  void each(const std::function<void(const Entry&)>& take);

 private:
  Spool spool_;
};

}  // namespace prism::redis
