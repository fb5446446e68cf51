#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <prism/backup/component.hpp>
#include <prism/base/export.hpp>
#include <prism/base/tar_header.hpp>

struct ZSTD_DCtx_s;

namespace prism::neo4j {

/// The headers of a tar archive (POSIX ustar, also with pax headers), whose content goes past.
class PRISM_API TarCounter {
 public:
  /// Throws Error(bad_data) for what is no such archive.
  void add(std::string_view bytes);
  /// Nothing more comes. Throws Error(bad_data) where the archive is cut off.
  void finish() const;

  std::uint64_t files() const { return files_; }
  std::uint64_t bytes() const { return bytes_; }  ///< of the files

 private:
  void take_header();

  TarBlock header_{};
  std::size_t have_ = 0;      ///< of the header
  std::uint64_t skip_ = 0;    ///< of an entry's content, with its padding
  unsigned zero_blocks_ = 0;  ///< two of them end it
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Looks into what `neo4j-admin database dump` writes, while it goes past: `DZV1` and a zstd frame
/// that holds `zstd`, the version 1 (4 bytes, most significant first), the numbers of files and of
/// their bytes (8 each), and a tar archive. As read in org.neo4j.dbms.archive of Neo4j 5.
class PRISM_API StoreDumpSurvey {
 public:
  StoreDumpSurvey();
  ~StoreDumpSurvey();

  /// Throws Error(bad_data) for what is no such dump.
  void add(std::string_view bytes);
  /// Nothing more comes. Throws Error(bad_data) where it is cut off, or holds something else than
  /// it says.
  void finish() const;

  backup::Content content() const { return {"", {{"files", tar_.files()}}}; }

 private:
  void take_unpacked(std::string_view bytes);

  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> zstd_;
  std::string magic_, head_;
  std::string unpacked_;
  bool frame_ended_ = false;
  TarCounter tar_;
};

}  // namespace prism::neo4j
