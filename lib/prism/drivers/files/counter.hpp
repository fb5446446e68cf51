#pragma once

#include <set>
#include <utility>

#include <prism/drivers/files/tally.hpp>
#include <prism/drivers/files/walk.hpp>

namespace prism::files {

/// Counts what is found as a dump of it would.
class Counter {
 public:
  void add(const Found& found);
  const Tally& tally() const { return tally_; }

 private:
  void add_file(const Found& found);

  Tally tally_;
  std::set<std::pair<dev_t, ino_t>> several_names_;  ///< files that have them, seen so far
};

}  // namespace prism::files
