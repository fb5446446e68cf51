#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prism/drivers/redis/connection.hpp>
#include <prism/uid/uid.hpp>

namespace prism::redis {

/// Large sets of a rebuild, kept back until the server was asked whether it holds them already: to
/// tell a set costs it a fraction of what it costs to take one. What is kept back is bounded. Used
/// by one thread.
class LargeSets {
 public:
  /// Above the default of set-max-intset-entries a server keeps sets as hash tables.
  static constexpr std::size_t kLarge = 512;
  using Write = std::function<void(std::string_view key, std::span<const Uid> members)>;

  /// Returns true when it is time to call write_changed.
  bool add(std::string_view key, std::span<const Uid> members);

  /// Calls `write` for each that the server doesn't hold as it is, or doesn't tell.
  void write_changed(Connection& server, const Write& write);

 private:
  struct Kept {
    std::string key;
    std::size_t begin, end;  ///< in members_
  };

  std::span<const Uid> members_of(const Kept& kept) const;

  std::vector<Kept> kept_;
  std::vector<Uid> members_;
};

}  // namespace prism::redis
