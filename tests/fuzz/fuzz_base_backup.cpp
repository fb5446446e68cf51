// The input is an archive of a base backup, a backup manifest, and a file of changed pages; each is
// read in pieces of another size than the whole, with the same end.

#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <prism/base/sha256.hpp>
#include <prism/drivers/postgres/physical/backup_manifest.hpp>
#include <prism/drivers/postgres/physical/incremental_file.hpp>
#include <prism/drivers/postgres/physical/tar_push.hpp>

#include "check.hpp"
#include "support/tar.hpp"
#include "support/text_stream.hpp"

namespace prism::postgres::fuzz {
namespace {

using sheet::fuzz::require_that;

constexpr std::size_t kPiece = 777;

/// Checks the order of what comes, and writes it down.
class Files : public BackupFiles {
 public:
  void begin(const BackupEntry& entry) override {
    require_that(!open_, "a file begins in another");
    require_that(
        !entry.path.starts_with('/') && ("/" + entry.path + "/").find("/../") == std::string::npos,
        "a path leads out of the folder");
    require_that(entry.kind == EntryKind::file || entry.size == 0, "a folder has content");
    open_ = true;
    left_ = entry.size;
    text += fmt::format("{} {} {}:", entry.path, static_cast<int>(entry.kind), entry.size);
  }
  void data(std::string_view bytes) override {
    require_that(open_ && !bytes.empty() && bytes.size() <= left_, "more than the file's size");
    left_ -= bytes.size();
    text += bytes;
  }
  void end() override {
    require_that(open_ && left_ == 0, "a file ends before its size");
    open_ = false;
  }
  void manifest(std::string_view) override {}

  std::string text;

 private:
  bool open_ = false;
  std::uint64_t left_ = 0;
};

/// What comes of an archive, and whether it came to its end.
std::string read_archive(std::string_view bytes, std::size_t piece) {
  Files files;
  TarPush tar("pg_tblspc/7/", files);
  const bool whole = sheet::fuzz::accepted([&] {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      tar.add(bytes.substr(0, piece));
    }
    tar.finish();
  });
  return files.text + (whole ? "whole" : "refused");
}

bool read_manifest(std::string_view bytes) {
  return sheet::fuzz::accepted([&] {
    prism::test::TextSource source(bytes, kPiece);
    read_backup_manifest(source, [](const ManifestFile&) {});
  });
}

/// With a checksum that is right, which is hard to come upon.
std::string with_checksum(const std::string& bytes) {
  return bytes + "\n\"Manifest-Checksum\": \"" + sha256_hex(bytes + "\n") + "\"}\n";
}

std::optional<IncrementalHead> read_head(std::string_view bytes, std::size_t piece) {
  IncrementalHeadReader reader;
  const bool good = sheet::fuzz::accepted([&] {
    while (!bytes.empty() && !reader.complete()) {
      const std::string_view next = bytes.substr(0, piece);
      const std::size_t used = reader.add(next);
      require_that(used == next.size() || reader.complete(), "a head leaves what it needs");
      bytes.remove_prefix(used);
    }
  });
  return good && reader.complete() ? std::optional(reader.head()) : std::nullopt;
}

void check_head(std::string_view bytes) {
  const auto head = read_head(bytes, bytes.size());
  const auto same = read_head(bytes, kPiece);
  require_that(head.has_value() == same.has_value(), "a head in pieces is another");
  if (!head) return;
  require_that(head->blocks == same->blocks && head->bytes == same->bytes,
               "a head in pieces is another");
  require_that(head->bytes <= bytes.size(), "a head is longer than its file");
}

}  // namespace
}  // namespace prism::postgres::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::postgres::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  for (const std::string& archive : {bytes, prism::test::with_tar_checksums(bytes)}) {
    require_that(read_archive(archive, archive.size()) == read_archive(archive, kPiece),
                 "an archive in pieces is another");
  }
  read_manifest(bytes);
  read_manifest(with_checksum(bytes));
  check_head(bytes);
  return 0;
}
