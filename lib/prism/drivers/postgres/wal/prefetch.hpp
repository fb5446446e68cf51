#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>

namespace prism::postgres {

/// Segments that were fetched before the server asks for them, in a folder beside its own, each
/// with its hash. Whoever is killed leaves nothing that is taken for a segment; that one is not
/// there is never remembered. One process at a time fetches ahead, any number take.
class PRISM_API WalPrefetch {
 public:
  /// `origin` says whose segments these are: what another has left is never taken.
  WalPrefetch(std::filesystem::path folder, std::string origin);

  /// Makes `file`, durably, of the segment where it is there. One that is just being fetched is
  /// waited for.
  bool take(const std::string& name, const std::filesystem::path& file, const Cancel& cancel) const;

  /// Removes segments of lower numbers, on whatever timeline. What goes wrong is ignored.
  void remove_before(const SegmentName& segment) const;

  /// Whether a process fetches ahead.
  bool is_busy() const;

  /// Fetches the `count` segments that follow, several at a time, up to the first that the archive
  /// does not have. Throws Error(locked) where another process does so.
  void fetch_ahead(WalArchive& archive, const SegmentName& segment, std::size_t count,
                   std::uint64_t segment_bytes, const Cancel& cancel) const;

 private:
  std::filesystem::path lock() const { return folder_ / "lock"; }
  bool is_ours() const;
  bool is_coming(const std::string& name) const;
  void begin() const;
  bool fetch(WalArchive& archive, const std::string& name) const;

  std::filesystem::path folder_;
  std::string origin_;
};

}  // namespace prism::postgres
