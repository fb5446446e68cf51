#pragma once

#include <cstdint>

#include <prism/backup/component.hpp>

namespace prism::files {

struct TarEntry;

/// What becomes of Content.
struct Tally {
  std::uint64_t files = 0;
  std::uint64_t folders = 0;
  std::uint64_t links = 0;
  std::uint64_t bytes = 0;
  std::uint64_t left_out = 0;
  std::uint64_t changed = 0;

  void add(const TarEntry& entry);
  backup::Counts counts() const;
  std::vector<std::string> remarks() const;
};

}  // namespace prism::files
