#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/drivers/redis/journal.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kBuffer = 1U << 20;

struct Header {
  std::uint32_t size;
  std::uint32_t replies;
  std::uint16_t slot;
};

FileDescriptor nameless_file() {
  const auto folder = std::filesystem::temp_directory_path();
  FileDescriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid()) return file;
  std::string name = (folder / "prismctl-redis-XXXXXX").string();
  FileDescriptor named(::mkostemp(name.data(), O_CLOEXEC));
  if (!named.valid()) throw write_error(errno, folder.string());
  ::unlink(name.c_str());
  return named;
}

}  // namespace

Journal::Journal() : file_(nameless_file()) { buffer_.reserve(2 * kBuffer); }

Journal::~Journal() = default;

void Journal::add(const Entry& entry) {
  const Header header{static_cast<std::uint32_t>(entry.commands.size()),
                      static_cast<std::uint32_t>(entry.replies), entry.slot};
  buffer_.append(reinterpret_cast<const char*>(&header), sizeof header);
  buffer_.append(entry.commands);
  if (buffer_.size() >= kBuffer) flush();
}

void Journal::flush() {
  for (std::string_view left = buffer_; !left.empty();) {
    const ssize_t written = ::write(file_.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw write_error(errno, "the journal of the rebuild, in $TMPDIR");
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void Journal::each(const std::function<void(const Entry&)>& take) {
  flush();
  std::string held;
  std::size_t at = 0;  // in `held`
  off_t offset = 0;
  const auto has = [&](std::size_t size) {
    while (held.size() - at < size) {
      held.erase(0, at);
      at = 0;
      const std::size_t before = held.size();
      held.resize(before + kBuffer);
      const ssize_t got = ::pread(file_.get(), held.data() + before, kBuffer, offset);
      held.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
      if (got < 0) throw system_error(errno, "the journal of the rebuild, in $TMPDIR");
      if (got == 0) return false;
      offset += got;
    }
    return true;
  };
  Header header{};
  while (has(sizeof header)) {
    std::memcpy(&header, held.data() + at, sizeof header);
    if (!has(sizeof header + header.size)) break;
    take({header.slot, header.replies,
          std::string_view(held).substr(at + sizeof header, header.size)});
    at += sizeof header + header.size;
  }
}

}  // namespace prism::redis
