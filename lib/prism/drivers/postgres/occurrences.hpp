#pragma once

#include <cstdint>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::postgres {

/// How often each UID of an input was met. 16 bytes a UID at most three quarters full.
class Occurrences {
 public:
  Occurrences();

  /// Says that the UID comes soon: its place is fetched from memory meanwhile.
  void expect(Uid uid) const;

  /// How often the UID was met before.
  std::uint32_t meet(Uid uid);

  /// The most that `meet` has returned.
  std::uint32_t most() const { return most_; }

 private:
  struct Entry {
    Uid uid = 0;  ///< 0: a free place
    std::uint32_t count = 0;
  };

  Entry& place(Uid uid);
  void grow();

  std::vector<Entry> entries_;  ///< open addressing; the size is a power of two
  std::size_t used_ = 0;
  std::uint32_t most_ = 0;
};

}  // namespace prism::postgres
