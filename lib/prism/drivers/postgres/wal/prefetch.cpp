#include <atomic>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>
#include <prism/base/files.hpp>
#include <prism/base/lock.hpp>
#include <prism/base/parallel.hpp>
#include <prism/drivers/postgres/wal/prefetch.hpp>
#include <prism/repository/hash.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHash = ".sha256";
constexpr const char* kOrigin = "origin";
constexpr std::size_t kSmall = 4096;
constexpr std::size_t kAtATime = 4;

std::string hash_of(const fs::path& file) {
  FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.valid()) throw system_error(errno, file.string());
  FileSource content(std::move(descriptor), file.string());
  repository::HashSource hashed(content);
  std::vector<char> block(std::size_t{256} << 10);
  while (hashed.read(block) > 0) continue;
  return hashed.sha256();
}

/// Empty where it can't be read.
std::string text_of(const fs::path& file) {
  try {
    return read_file(file, kSmall);
  } catch (const Error&) {
    return {};
  }
}

fs::path hash_file(const fs::path& segment) { return segment.string() + kHash; }

}  // namespace

WalPrefetch::WalPrefetch(fs::path folder, std::string origin)
    : folder_(std::move(folder)), origin_(std::move(origin)) {}

bool WalPrefetch::is_ours() const { return text_of(folder_ / kOrigin) == origin_; }

bool WalPrefetch::is_busy() const { return !FileLock::owner(lock()).empty(); }

bool WalPrefetch::is_coming(const std::string& name) const {
  std::error_code ignored;
  return fs::exists(temporary_of(folder_ / name), ignored) && is_busy();
}

bool WalPrefetch::take(const std::string& name, const fs::path& file, const Cancel& cancel) const {
  if (!is_ours()) return false;
  while (is_coming(name)) {
    cancel.check();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const fs::path segment = folder_ / name;
  const std::string expected = text_of(hash_file(segment));
  std::error_code error;
  const bool whole =
      !expected.empty() && fs::exists(segment, error) && expected == hash_of(segment);
  if (whole) fs::rename(segment, file, error);
  std::error_code ignored;
  fs::remove(hash_file(segment), ignored);
  if (!whole || error) return false;
  sync_path(file.has_parent_path() ? file.parent_path() : ".");
  return true;
}

void WalPrefetch::remove_before(const SegmentName& segment) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    const auto found = parse_segment_name(std::string_view(name).substr(0, name.find('.')));
    if (!found || std::pair(found->high, found->low) >= std::pair(segment.high, segment.low)) {
      continue;
    }
    std::error_code ignored;
    fs::remove(entry.path(), ignored);
  }
}

/// Nothing of another origin stays, nor what a killed run has begun.
void WalPrefetch::begin() const {
  const bool ours = is_ours();
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const fs::path& file = entry.path();
    const std::string name = file.filename().string();
    const bool whole = parse_segment_name(name) && fs::exists(hash_file(file));
    const bool hash = name.ends_with(kHash) && fs::exists(fs::path(file).replace_extension());
    if (file == lock() || (ours && (whole || hash || name == kOrigin))) continue;
    fs::remove(file);
  }
  if (!ours) write_file_atomically(folder_ / kOrigin, origin_);
}

/// False where the archive does not have it.
bool WalPrefetch::fetch(WalArchive& archive, const std::string& name) const {
  const fs::path segment = folder_ / name;
  if (fs::exists(hash_file(segment))) return true;
  if (!archive.get(name, segment)) return false;
  write_file_atomically(hash_file(segment), hash_of(segment));
  return true;
}

void WalPrefetch::fetch_ahead(WalArchive& archive, const SegmentName& segment, std::size_t count,
                              std::uint64_t segment_bytes, const Cancel& cancel) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    throw write_error(errno, folder_.string());
  }
  const FileLock held(lock(), "prefetch", std::chrono::seconds(0), cancel);
  begin();
  require_space(folder_, (count + 2) * segment_bytes);
  std::atomic<bool> ended = false;
  const std::uint64_t first = segment.number(segment_bytes) + 1;
  run_parallel(count, kAtATime, [&](std::size_t i) {
    if (ended) return;
    const SegmentName next = segment_of(segment.timeline, first + i, segment_bytes);
    if (!fetch(archive, next.text())) ended = true;
  });
}

}  // namespace prism::postgres
