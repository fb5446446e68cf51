#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/blocks/known_blocks.hpp>

namespace prism::blocks {
namespace {

constexpr std::uint64_t kFirstCapacity = 1U << 16U;
constexpr std::uint64_t kMostInMemory = std::uint64_t{64} << 20U;  ///< bytes

FileDescriptor nameless_file(const std::filesystem::path& folder, std::uint64_t bytes) {
  const auto place = folder.empty() ? std::filesystem::temp_directory_path() : folder;
  std::string name = (place / "prismctl-blocks-XXXXXX").string();
  FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) throw write_error(errno, place.string());
  ::unlink(name.c_str());
  // Without its room a write to the map would end the process.
  const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) throw write_error(error, place.string());
  return file;
}

std::uint64_t number_of(const BlockHash& hash) {
  std::uint64_t number = 0;
  std::memcpy(&number, hash.data(), sizeof number);
  return number;
}

}  // namespace

KnownBlocks::KnownBlocks(std::filesystem::path folder)
    : folder_(std::move(folder)), table_(map(kFirstCapacity)), capacity_(kFirstCapacity) {}

KnownBlocks::~KnownBlocks() { ::munmap(table_, capacity_ * sizeof(Entry)); }

KnownBlocks::Entry* KnownBlocks::map(std::uint64_t entries) const {
  const std::uint64_t bytes = entries * sizeof(Entry);
  const bool in_memory = bytes <= kMostInMemory;
  const FileDescriptor file = in_memory ? FileDescriptor() : nameless_file(folder_, bytes);
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              in_memory ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) throw system_error(errno, "the index of blocks");
  return static_cast<Entry*>(mapped);
}

/// The entry of that hash, or the free one that would be its.
KnownBlocks::Entry& KnownBlocks::place_of(const BlockHash& hash) const {
  std::uint64_t at = number_of(hash) & (capacity_ - 1);
  while (table_[at].pack != 0 && table_[at].hash != hash) at = (at + 1) & (capacity_ - 1);
  return table_[at];
}

std::optional<BlockPlace> KnownBlocks::find(const BlockHash& hash) const {
  const Entry& entry = place_of(hash);
  if (entry.pack == 0) return {};
  return BlockPlace{entry.pack - 1, entry.number};
}

std::optional<BlockPlace> KnownBlocks::find_or_add(const BlockHash& hash, BlockPlace place) {
  Entry& entry = place_of(hash);
  if (entry.pack != 0) return BlockPlace{entry.pack - 1, entry.number};
  entry = {hash, place.pack + 1, place.number};
  if (++size_ * 2 > capacity_) grow();
  return {};
}

void KnownBlocks::grow() {
  Entry* const larger = map(capacity_ * 2);
  Entry* const old = std::exchange(table_, larger);
  const std::uint64_t old_capacity = std::exchange(capacity_, capacity_ * 2);
  for (std::uint64_t i = 0; i < old_capacity; ++i) {
    if (old[i].pack != 0) place_of(old[i].hash) = old[i];
  }
  ::munmap(old, old_capacity * sizeof(Entry));
}

}  // namespace prism::blocks
