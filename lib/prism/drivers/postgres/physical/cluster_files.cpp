#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/base/view_source.hpp>
#include <prism/drivers/postgres/physical/cluster_files.hpp>
#include <prism/drivers/postgres/wal/names.hpp>

namespace prism::postgres {
namespace {

using blocks::kBlockBytes;

constexpr std::string_view kWal = "pg_wal/", kIncremental = "INCREMENTAL.";
/// A larger segment is stored as it comes: memory is for other things.
constexpr std::uint64_t kLongestHeld = std::uint64_t{64} << 20;

const std::string& zeros() {
  static const std::string kZeros(kBlockBytes, '\0');
  return kZeros;
}

std::optional<SegmentName> segment_in(const std::string& path) {
  if (!path.starts_with(kWal)) return {};
  return parse_segment_name(std::string_view(path).substr(kWal.size()));
}

/// Where a name of changed pages begins, or npos.
std::size_t incremental_at(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;
  return path.compare(name, kIncremental.size(), kIncremental) == 0 ? name : std::string::npos;
}

std::string text_of(Spool& spool) {
  std::string text;
  text.reserve(spool.bytes());
  spool.each([&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace

bool ClusterFiles::is_held() const {
  return segment_in(file_.entry.path) && file_.entry.size <= kLongestHeld;
}

void ClusterFiles::begin(const BackupEntry& entry) {
  has_begun_ = true;
  file_ = {entry, 0, {}};
  crc_ = {};
  received_ = 0;
  changed_.reset();
  if (entry.kind != EntryKind::file) return;
  if (is_held()) {
    store_held();
    held_bytes_.reserve(entry.size);
  }
  file_.first = blocks_.size();
  const std::size_t name = earlier_ == nullptr ? std::string::npos : incremental_at(entry.path);
  if (name == std::string::npos) return;
  changed_.emplace();
  next_change_ = 0;
  pages_ = 0;
  const auto found = earlier_->files.find(std::string(entry.path).erase(name, kIncremental.size()));
  if (found == earlier_->files.end()) {
    throw Error(ErrorCode::bad_data, entry.path + ": the earlier backup has no such file");
  }
  before_ = &found->second;
}

void ClusterFiles::data(std::string_view bytes) {
  crc_.add(bytes);
  received_ += bytes.size();
  progress_.add(bytes.size());
  if (changed_) {
    add_changed(bytes);
  } else if (is_held()) {
    held_bytes_ += bytes;
  } else {
    cut(bytes);
  }
}

void ClusterFiles::cut(std::string_view bytes) {
  if (!rest_.empty()) {
    const std::size_t more = std::min(kBlockBytes - rest_.size(), bytes.size());
    rest_ += bytes.substr(0, more);
    bytes.remove_prefix(more);
    if (rest_.size() < kBlockBytes) return;
    flush_rest();
  }
  for (; bytes.size() >= kBlockBytes; bytes.remove_prefix(kBlockBytes)) {
    blocks_.write(bytes.substr(0, kBlockBytes));
  }
  rest_ = bytes;
}

void ClusterFiles::flush_rest() {
  if (!rest_.empty()) blocks_.write(rest_);
  rest_.clear();
}

void ClusterFiles::end() {
  if (file_.entry.kind != EntryKind::file) return list(file_);
  passed_[file_.entry.path] = {received_, crc_.value()};
  if (changed_) return end_changed();
  if (is_held()) {
    held_ = file_;
    return;
  }
  flush_rest();
  file_.crc32c = crc_.value();
  list(file_);
}

void ClusterFiles::list(const StoredFile& file) {
  if (file.entry.kind == EntryKind::file) {
    ++file_count_;
    bytes_ += file.entry.size;
  }
  list_.write(to_json_line(file));
}

// ---- WAL ----------------------------------------------------------------------------------------

void ClusterFiles::store_held() {
  if (!held_) return;
  held_->first = blocks_.size();
  cut(held_bytes_);
  flush_rest();
  list(*held_);
  held_.reset();
  held_bytes_.clear();
}

void ClusterFiles::finish(Lsn stop, std::uint64_t segment_bytes) {
  if (held_ && segment_bytes > 0) {
    const auto name = segment_in(held_->entry.path);
    const Lsn begin = name->number(segment_bytes) * segment_bytes;
    const std::uint64_t used = stop > begin ? stop - begin : held_bytes_.size();
    if (used < held_bytes_.size()) {
      std::fill(held_bytes_.begin() + static_cast<std::ptrdiff_t>(used), held_bytes_.end(), '\0');
    }
  }
  store_held();
}

// ---- changed pages ------------------------------------------------------------------------------

void ClusterFiles::add_changed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!changed_->complete()) {
      bytes.remove_prefix(changed_->add(bytes));
      continue;
    }
    const std::size_t more = std::min(kBlockBytes - rest_.size(), bytes.size());
    rest_ += bytes.substr(0, more);
    bytes.remove_prefix(more);
    if (rest_.size() < kBlockBytes) return;
    const auto& changes = changed_->head().blocks;
    if (next_change_ == changes.size()) {
      throw Error(ErrorCode::bad_data, file_.entry.path + ": more pages than its head names");
    }
    refer_to(changes[next_change_++]);
    flush_rest();
    ++pages_;
  }
}

/// The pages up to there are those of the earlier file. Beyond its end, and beyond that of the file
/// when it was shortest since then, they are empty: what was there before the file was truncated
/// must not come back.
void ClusterFiles::refer_to(std::uint64_t page) {
  const std::uint64_t known =
      std::min<std::uint64_t>(before_->block_count(), changed_->head().truncation_blocks);
  if (pages_ < std::min(known, page)) {
    const std::uint64_t count = std::min(known, page) - pages_;
    blocks_.refer(earlier_->map, before_->first + pages_, count);
    pages_ += count;
  }
  for (; pages_ < page; ++pages_) blocks_.write(zeros());
}

void ClusterFiles::end_changed() {
  const auto& head = changed_->head();
  if (!changed_->complete() || next_change_ != head.blocks.size() || !rest_.empty()) {
    throw Error(ErrorCode::bad_data, file_.entry.path + ": ends too early");
  }
  refer_to(std::max<std::uint64_t>(pages_, head.truncation_blocks));
  file_.entry.path.erase(incremental_at(file_.entry.path), kIncremental.size());
  file_.entry.size = pages_ * kBlockBytes;
  list(file_);
}

// ---- manifest -----------------------------------------------------------------------------------

void ClusterFiles::manifest(std::string_view bytes) { manifest_.add(bytes); }

void ClusterFiles::require_manifest() {
  const std::string text = text_of(manifest_);
  ViewSource manifest(text);
  read_backup_manifest(manifest, [&](const ManifestFile& file) {
    const auto found = passed_.find(file.path);
    const bool same = found != passed_.end() && found->second.size == file.size &&
                      (!file.crc32c || found->second.crc == *file.crc32c);
    if (same) return;
    throw Error(
        ErrorCode::io,
        fmt::format("{} did not arrive as the server's manifest says", in_quotes(file.path)),
        "back up again");
  });
}

void ClusterFiles::write_manifest(ByteSink& sink) {
  manifest_.each([&](std::string_view piece) { sink.write(piece); });
}

}  // namespace prism::postgres
