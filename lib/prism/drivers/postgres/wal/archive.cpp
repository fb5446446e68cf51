#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>
#include <prism/base/files.hpp>
#include <prism/base/read_all.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>
#include <prism/drivers/postgres/wal/objects.hpp>
#include <prism/repository/compress.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;
using repository::AgeSink;
using repository::AgeSource;
using repository::HashSource;
using repository::Repository;
using repository::ZstdSink;
using repository::ZstdSource;

constexpr std::size_t kBlock = std::size_t{256} << 10;
/// Threads: a server waits for each segment before it comes with the next.
constexpr unsigned kCompressing = 2;
constexpr const char* kSegmentBytes = "segment_bytes";

void require_name(const std::string& name) {
  if (kind_of_wal_file(name)) return;
  throw Error(ErrorCode::usage,
              "no name of a WAL file: found " + in_quotes(name) +
                  ", expected such as 00000001000000A200000007, or that with .partial, or "
                  "00000002.history");
}

/// Null where there is none.
std::unique_ptr<ByteSource> open_if_there(Repository& repository, const std::string& object) {
  try {
    return repository.open(object);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input_missing) throw;
    return nullptr;
  }
}

/// Nothing where there is no such object. These are small.
std::optional<std::string> text_of(Repository& repository, const std::string& object) {
  const auto source = open_if_there(repository, object);
  if (!source) return {};
  constexpr std::size_t kMost = 512;
  return read_at_most(*source, kMost);
}

/// False where another was first.
bool put_text(Repository& repository, const std::string& object, const std::string& text) {
  try {
    const auto sink = repository.create(object);
    sink->write(text);
    sink->finish();
    return true;
  } catch (const Error& e) {
    if (e.code() != ErrorCode::refused) throw;
    return false;
  }
}

/// What is to be done before what was written counts.
class Gate : public ByteSink {
 public:
  Gate(ByteSink& next, std::function<void()> before) : next_(next), before_(std::move(before)) {}

  void write(std::string_view bytes) override { next_.write(bytes); }
  void finish() override {
    before_();
    next_.finish();
  }

 private:
  ByteSink& next_;
  std::function<void()> before_;
};

/// Thrown to leave what was written behind: the same is there already.
struct WasThere {};

/// A file on its way into the archive, read once: the object is written while it is hashed, its
/// hash is put before the object counts.
class Entry {
 public:
  Entry(Repository& repository, const std::string& system_id, const std::string& name)
      : repository_(repository),
        system_id_(system_id),
        name_(name),
        place_(wal_place(system_id, name)) {}

  WalArchive::Put store(ByteSource& content, const WalOptions& options, const Cancel& cancel) {
    return store(content, options, cancel,
                 [this](const HashSource& read) { claim(read.sha256(), read.bytes()); });
  }

  /// One that is read twice at once: its hash is put while it is compressed.
  WalArchive::Put store_file(const fs::path& file, const WalOptions& options,
                             const Cancel& cancel) {
    const auto content = open_file(file);
    auto claimed = std::async(std::launch::async, [&] {
      const auto again = open_file(file);
      HashSource hashed(*again);
      read_all(hashed, cancel);
      claim(hashed.sha256(), hashed.bytes());
      return hashed.sha256();
    });
    return store(*content, options, cancel, [&](const HashSource& read) {
      if (claimed.get() == read.sha256()) return;
      throw Error(ErrorCode::io, file.string() + ": it was changed while it was read");
    });
  }

 private:
  static std::unique_ptr<ByteSource> open_file(const fs::path& file) {
    FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.valid()) throw system_error(errno, file.string());
    return std::make_unique<FileSource>(std::move(descriptor), file.string());
  }

  static void read_all(ByteSource& content, const Cancel& cancel) {
    std::vector<char> block(kBlock);
    while (content.read(block) > 0) cancel.check();
  }

  WalArchive::Put store(ByteSource& content, const WalOptions& options, const Cancel& cancel,
                        const std::function<void(const HashSource&)>& claims) {
    HashSource hashed(content);
    const auto object = repository_.create(
        place_ + std::string(options.recipients.empty() ? kWalPlain : kWalEncrypted));
    Gate gate(*object, [&] { claims(hashed); });
    try {
      write(hashed, gate, options, cancel);
      return WalArchive::Put::stored;
    } catch (const WasThere&) {
      return WalArchive::Put::was_there;
    } catch (const Error& e) {
      // Another process has put the same there since the hash was compared.
      if (e.code() != ErrorCode::refused || !claimed_) throw;
      return WalArchive::Put::was_there;
    }
  }

  static void write(HashSource& content, ByteSink& to, const WalOptions& options,
                    const Cancel& cancel) {
    std::unique_ptr<AgeSink> encrypted;
    if (!options.recipients.empty()) {
      encrypted = std::make_unique<AgeSink>(to, options.recipients, cancel);
    }
    ZstdSink compressed(encrypted ? static_cast<ByteSink&>(*encrypted) : to, options.level,
                        kCompressing);
    std::vector<char> block(kBlock);
    while (const std::size_t size = content.read(block)) {
      cancel.check();
      compressed.write({block.data(), size});
    }
    compressed.finish();
  }

  void claim(const std::string& sha256, std::uint64_t bytes) {
    if (kind_of_wal_file(name_) == WalFile::segment) note_size(bytes);
    const std::string line = sha256 + "  " + name_ + "\n";
    const std::string object = place_ + std::string(kWalHash);
    if (!put_text(repository_, object, line)) {
      if (text_of(repository_, object) != line) refuse();
      if (is_there()) throw WasThere{};
    }
    claimed_ = true;
  }

  /// Of the segments of this system: known where none can be opened.
  void note_size(std::uint64_t bytes) {
    const std::string object = wal_prefix(system_id_) + kSegmentBytes;
    if (!open_if_there(repository_, object)) {
      put_text(repository_, object, std::to_string(bytes) + "\n");
    }
  }

  /// In whichever of both forms.
  bool is_there() {
    return open_if_there(repository_, place_ + std::string(kWalPlain)) ||
           open_if_there(repository_, place_ + std::string(kWalEncrypted));
  }

  [[noreturn]] void refuse() const {
    throw Error(ErrorCode::refused,
                fmt::format("{}/{}: the archive has another content of that name",
                            repository_.location(), place_),
                "two clusters with one system identifier must not share a repository");
  }

  Repository& repository_;
  const std::string& system_id_;
  const std::string& name_;
  std::string place_;
  std::atomic<bool> claimed_ = false;
};

/// One that is stored, in one of the two forms.
struct Stored {
  std::unique_ptr<ByteSource> object;  ///< null: it is not there
  bool encrypted = false;
};

Stored open_stored(Repository& repository, const std::string& place, bool encrypted_first) {
  for (const bool encrypted : {encrypted_first, !encrypted_first}) {
    auto object =
        open_if_there(repository, place + std::string(encrypted ? kWalEncrypted : kWalPlain));
    if (object) return {std::move(object), encrypted};
  }
  return {};
}

/// A file that is only readable by the owner, and is gone again unless it was put in place.
class NewFile {
 public:
  explicit NewFile(const fs::path& file)
      : file_(file),
        temporary_(temporary_of(file)),
        descriptor_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (!descriptor_.valid()) throw write_error(errno, temporary_.string());
  }
  ~NewFile() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove(temporary_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes) const {
    write_all(descriptor_.get(), bytes, temporary_.string());
  }

  void put_in_place() {
    sync_descriptor(descriptor_.get(), temporary_.string());
    fs::rename(temporary_, file_);
    temporary_.clear();
    sync_path(file_.has_parent_path() ? file_.parent_path() : ".");
  }

 private:
  const fs::path& file_;
  fs::path temporary_;
  FileDescriptor descriptor_;
};

void copy(ByteSource& from, const NewFile& to, const Cancel& cancel) {
  std::vector<char> block(kBlock);
  while (const std::size_t size = from.read(block)) {
    cancel.check();
    to.write({block.data(), size});
  }
}

[[noreturn]] void tell_damage(const std::string& where, const std::string& words) {
  throw Error(ErrorCode::bad_data, where + ": damaged: " + words);
}

/// The hash that was put first.
std::string hash_of(Repository& repository, const std::string& place, const std::string& name) {
  constexpr std::size_t kHexDigits = 64;
  const std::string object = place + std::string(kWalHash);
  const auto line = text_of(repository, object);
  const std::string where = repository.location() + "/" + object;
  if (!line) tell_damage(where, "it is not there");
  if (line->size() < kHexDigits || line->substr(kHexDigits) != "  " + name + "\n") {
    tell_damage(where, "it is no line of sha256sum for " + name);
  }
  return line->substr(0, kHexDigits);
}

}  // namespace

fs::path temporary_of(const fs::path& file) { return file.string() + ".prismctl.tmp"; }

WalArchive::WalArchive(Repository& repository, std::string system_id, WalOptions options,
                       const Cancel& cancel)
    : repository_(repository),
      system_id_(std::move(system_id)),
      options_(std::move(options)),
      cancel_(cancel) {}

WalArchive::Put WalArchive::put(const std::string& name, ByteSource& content) {
  require_name(name);
  return Entry(repository_, system_id_, name).store(content, options_, cancel_);
}

WalArchive::Put WalArchive::put_file(const std::string& name, const fs::path& file) {
  require_name(name);
  return Entry(repository_, system_id_, name).store_file(file, options_, cancel_);
}

bool WalArchive::get(const std::string& name, const fs::path& file) {
  require_name(name);
  const std::string place = wal_place(system_id_, name);
  const bool encrypted_first = !options_.recipients.empty() || !options_.identity_file.empty();
  const Stored stored = open_stored(repository_, place, encrypted_first);
  if (!stored.object) return false;
  const std::string where = repository_.location() + "/" + place;
  if (stored.encrypted && options_.identity_file.empty()) {
    throw Error(ErrorCode::configuration, where + ": encrypted, and no identity opens it",
                "name a file with one in backup.identity_file (PRISMCTL_BACKUP_IDENTITY_FILE)");
  }
  const std::string expected = hash_of(repository_, place, name);
  NewFile made(file);
  try {
    std::unique_ptr<AgeSource> decrypted;
    if (stored.encrypted) {
      decrypted = std::make_unique<AgeSource>(*stored.object, options_.identity_file, cancel_);
    }
    ZstdSource content(decrypted ? static_cast<ByteSource&>(*decrypted) : *stored.object);
    HashSource hashed(content);
    copy(hashed, made, cancel_);
    if (hashed.sha256() != expected) tell_damage(where, "its SHA-256 is another than beside it");
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data || std::string_view(e.what()).starts_with(where)) throw;
    tell_damage(where, e.what());
  }
  made.put_in_place();
  return true;
}

std::vector<std::string> WalArchive::list() {
  std::vector<std::string> names;
  for (const StoredWal& one : list_wal(repository_, system_id_)) names.push_back(one.name);
  return names;
}

bool WalArchive::is_begun() {
  return open_if_there(repository_, wal_prefix(system_id_) + kSegmentBytes) != nullptr;
}

std::uint64_t WalArchive::segment_bytes() {
  constexpr std::uint64_t kUsual = std::uint64_t{16} << 20;
  const auto text = text_of(repository_, wal_prefix(system_id_) + kSegmentBytes);
  const std::uint64_t bytes = text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
  const bool possible = std::has_single_bit(bytes) && bytes >= (1U << 20) && bytes <= (1U << 30);
  return possible ? bytes : kUsual;
}

}  // namespace prism::postgres
