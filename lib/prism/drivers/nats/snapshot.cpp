#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/s2_reader.hpp>
#include <prism/drivers/nats/snapshot.hpp>
#include <prism/drivers/nats/tar_reader.hpp>

namespace prism::nats {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostOfMeta = std::uint64_t{16} << 20;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_data, "the snapshot of a stream: " + what);
}

/// A number of Go's encoding/binary, 7 bits a byte; nothing: it is cut.
std::optional<std::uint64_t> varint(std::string_view text) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(text.size(), 10); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    number |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) return number;
  }
  return {};
}

/// Both kinds of index begin with a magic number, a version and the number of messages.
constexpr std::size_t kHead = 2;

std::optional<std::uint64_t> messages_of(std::string_view index, char magic) {
  if (index.size() <= kHead || index[0] != magic) return {};
  return varint(index.substr(kHead));
}

/// What `N.idx` says of its block (writeIndexInfoLocked of nats-server 2.9): seven numbers, of
/// which the first counts the messages, and the checksum of the last of them.
struct BlockIndex {
  std::uint64_t messages = 0;
  std::string last_checksum;
};

constexpr std::size_t kChecksum = 8;

std::optional<BlockIndex> parse_block_index(std::string_view index) {
  constexpr char kMagic = 22;
  constexpr int kNumbers = 7;
  const auto messages = messages_of(index, kMagic);
  if (!messages) return {};
  index.remove_prefix(kHead);
  for (int i = 0; i < kNumbers; ++i) {
    while (!index.empty() && static_cast<unsigned char>(index[0]) >= 0x80) index.remove_prefix(1);
    if (index.empty()) return {};
    index.remove_prefix(1);
  }
  if (index.size() < kChecksum) return {};
  return BlockIndex{*messages, std::string(index.substr(0, kChecksum))};
}

class Reader {
 public:
  Reader(ByteSource& s2, const Cancel& cancel, DigestOf digest_of)
      : s2_(s2), tar_(s2_), cancel_(cancel) {
    if (digest_of == DigestOf::messages) hash_.emplace();
  }

  Snapshot read() {
    while (const auto file = tar_.next()) {
      cancel_.check();
      take(*file);
    }
    finish();
    return std::move(snapshot_);
  }

 private:
  void take(const TarFile& file) {
    const std::string_view name = file.name;
    if (name == "meta.inf") {
      snapshot_.stream = text_in(meta(file), "name");
    } else if (name == "meta.sum") {
      has_sum_ = true;
    } else if (name == "errors.txt") {
      refuse("the server says: " + in_quotes(content(file)));
    } else if (name.starts_with("msgs/")) {
      take_messages(file);
    } else if (name.starts_with("obs/")) {
      take_consumer(file);
    } else {
      refuse("a file that was not expected: " + in_quotes(name));
    }
  }

  void take_messages(const TarFile& file) {
    if (file.name.ends_with(".blk")) {
      take_block(file);
    } else if (file.name.ends_with(".idx")) {
      index_ = parse_block_index(content(file));
    } else if (file.name == "msgs/index.db") {
      constexpr char kMagic = 11;
      state_ = messages_of(head(file), kMagic);
    }
  }

  /// Its index comes before it. The server does not always bring that up to date (for a mirror, in
  /// 2.9), and does not believe it then either: the checksum tells.
  void take_block(const TarFile& file) {
    if (hash_) hash_->add(file.name + "\n");
    std::string last;
    while (const std::size_t size = tar_.read(buffer_)) {
      cancel_.check();
      if (hash_) hash_->add({buffer_.data(), size});
      last.append(buffer_.data() + size - std::min(size, kChecksum), std::min(size, kChecksum));
      last.erase(0, last.size() - std::min(last.size(), kChecksum));
    }
    const auto index = std::exchange(index_, {});
    const bool fits =
        index && (index->last_checksum == last || (file.size == 0 && index->messages == 0));
    if (fits) {
      indexed_ += index->messages;
    } else {
      is_known_ = false;
    }
  }

  /// `obs/NAME/meta.inf`, `meta.sum` and `o.dat`.
  void take_consumer(const TarFile& file) {
    if (!file.name.ends_with("/meta.inf")) return;
    const std::string durable = text_in(meta(file), "durable_name");
    if (!durable.empty()) snapshot_.consumers.insert(durable);
  }

  Json meta(const TarFile& file) {
    Json json = Json::parse(content(file), nullptr, false);
    if (!json.is_object()) refuse(in_quotes(file.name) + " is no JSON object");
    return json;
  }

  static std::string text_in(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  }

  std::string content(const TarFile& file) {
    if (file.size > kMostOfMeta) refuse(in_quotes(file.name) + " is larger than 16 MiB");
    std::string text;
    while (const std::size_t size = tar_.read(buffer_)) text.append(buffer_.data(), size);
    return text;
  }

  std::string head(const TarFile&) {
    return {buffer_.data(), tar_.read(std::span(buffer_).first(16))};
  }

  void finish() {
    if (snapshot_.stream.empty() || !has_sum_) refuse("meta.inf and meta.sum were expected");
    if (is_known_) snapshot_.messages = indexed_;
    if (state_) snapshot_.messages = state_;
    if (hash_) snapshot_.digest = hash_->hex();
  }

  S2Reader s2_;
  TarReader tar_;
  const Cancel& cancel_;
  Snapshot snapshot_;
  std::optional<Sha256> hash_;
  bool has_sum_ = false;
  bool is_known_ = true;
  std::optional<BlockIndex> index_;  ///< of the block that follows
  std::uint64_t indexed_ = 0;        ///< messages
  std::optional<std::uint64_t> state_;
  std::array<char, 64 * 1024> buffer_{};
};

}  // namespace

Snapshot read_snapshot(ByteSource& s2, const Cancel& cancel, DigestOf digest_of) {
  return Reader(s2, cancel, digest_of).read();
}

}  // namespace prism::nats
