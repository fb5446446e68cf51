#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <sstream>

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/hex.hpp>
#include <prism/base/read_all.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/blocks/binary.hpp>
#include <prism/blocks/block_key.hpp>
#include <prism/repository/encrypt.hpp>

namespace prism::blocks {
namespace {

namespace fs = std::filesystem;
using repository::Repository;

constexpr const char* kKeys = "blocks/keys/";
constexpr std::string_view kEncrypted = ".age";
constexpr std::size_t kKeyText = 64;
/// In a file: those of sets of recipients, and of repositories, that are used by turns.
constexpr std::size_t kMostKeys = 16;

template <std::size_t size>
std::string_view view_of(const std::array<std::uint8_t, size>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void require(bool good) {
  if (!good) throw Error(ErrorCode::internal, "OpenSSL computes no HMAC");
}

std::string read_text(ByteSource& source) { return read_at_most(source, 4 * kKeyText); }

/// 16 digits for a set of recipients. Without the key nobody can tell by it whose they are.
std::string tag_of(const BlockKey& key, std::vector<std::string> recipients) {
  std::sort(recipients.begin(), recipients.end());
  recipients.erase(std::unique(recipients.begin(), recipients.end()), recipients.end());
  std::string text = "prismctl recipients";
  for (const std::string& recipient : recipients) text += "\n" + recipient;
  constexpr std::size_t kDigits = 16;
  return hexadecimal(view_of(BlockHasher(key).hash(text))).substr(0, kDigits);
}

std::string name_of(const BlockKey& key, const std::vector<std::string>& recipients) {
  const std::string name = kKeys + key.id();
  if (recipients.empty()) return name;
  return name + "." + tag_of(key, recipients) + std::string(kEncrypted);
}

/// Whether an object is the key of that id. Before there were tags encrypted ones had none.
bool is_of(const std::string& object, const std::string& id) {
  const std::string name = kKeys + id;
  return object == name || (object.starts_with(name + ".") && object.ends_with(kEncrypted));
}

void store(Repository& repository, const BlockKey& key, const KeyOptions& options,
           const Cancel& cancel) {
  const bool encrypted = !options.recipients.empty();
  const auto object = repository.create(name_of(key, options.recipients));
  if (encrypted) {
    repository::AgeSink age(*object, options.recipients, cancel);
    age.write(key.text() + "\n");
    age.finish();
  } else {
    object->write(key.text() + "\n");
    object->finish();
  }
}

/// Unless it is there; somebody else may also store it just now.
void store_once(Repository& repository, const BlockKey& key, const KeyOptions& options,
                const Cancel& cancel) {
  const std::string name = name_of(key, options.recipients);
  for (const auto& object : repository.list(kKeys)) {
    if (object.name == name) return;
  }
  try {
    store(repository, key, options, cancel);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::refused) throw;
  }
}

BlockKey read_stored(Repository& repository, const std::string& name, const KeyOptions& options,
                     const Cancel& cancel) {
  const auto object = repository.open(name);
  if (!name.ends_with(kEncrypted)) return BlockKey::parse(trimmed(read_text(*object)), name);
  repository::AgeSource age(*object, options.identity_file, cancel);
  return BlockKey::parse(trimmed(read_text(age)), name);
}

/// Nothing where it is encrypted for others.
std::optional<BlockKey> read_if_ours(Repository& repository, const std::string& name,
                                     const KeyOptions& options, const Cancel& cancel) {
  try {
    return read_stored(repository, name, options, cancel);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::permission) throw;
    return {};
  }
}

/// The newest for these recipients, or for none, that can be read.
std::optional<BlockKey> newest_stored(Repository& repository, const KeyOptions& options,
                                      const Cancel& cancel) {
  const bool encrypted = !options.recipients.empty();
  if (encrypted && options.identity_file.empty()) return {};
  auto objects = repository.list(kKeys);
  std::erase_if(objects,
                [&](const auto& object) { return object.name.ends_with(kEncrypted) != encrypted; });
  std::sort(objects.begin(), objects.end(),
            [](const auto& a, const auto& b) { return a.modified > b.modified; });
  for (const auto& object : objects) {
    const auto key = read_if_ours(repository, object.name, options, cancel);
    if (key && object.name == name_of(*key, options.recipients)) return key;
  }
  return {};
}

/// The newest first; none where there is no file.
std::vector<BlockKey> read_key_file(const fs::path& file) {
  struct stat state {};
  if (file.empty() || ::stat(file.c_str(), &state) != 0) return {};
  if ((state.st_mode & 077U) != 0) {
    throw Error(ErrorCode::permission, file.string() + ": others may read the key", "chmod 600 it");
  }
  constexpr std::size_t kLimit = 4096;
  std::istringstream text(read_file(file, kLimit));
  std::vector<BlockKey> keys;
  std::string line;
  while (std::getline(text, line)) {
    const std::string_view key = trimmed(line);
    if (!key.empty()) keys.push_back(BlockKey::parse(key, file.string()));
  }
  if (keys.empty()) throw Error(ErrorCode::bad_data, file.string() + ": no key of blocks");
  return keys;
}

/// Only for us, whatever the umask is.
void make_folders(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty() || fs::is_directory(folder, ignored)) return;
  make_folders(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw write_error(errno, folder.string());
  }
}

/// Writes the key, or gives the one that another has just written.
BlockKey write_key_file(const fs::path& file, const BlockKey& key) {
  if (file.empty()) return key;
  make_folders(file.parent_path());
  try {
    write_new_file(file, key.text() + "\n", fs::perms::owner_read | fs::perms::owner_write);
  } catch (const Error& e) {
    const auto others = read_key_file(file);
    if (e.code() != ErrorCode::refused || others.empty()) throw;
    return others.front();
  }
  return key;
}

void replace_key_file(const fs::path& file, const std::vector<BlockKey>& keys) {
  std::string text;
  for (std::size_t i = 0; i < std::min(keys.size(), kMostKeys); ++i) text += keys[i].text() + "\n";
  const fs::path next = file.string() + ".new";
  std::error_code error;
  fs::remove(next, error);  // what a killed run left
  write_new_file(next, text, fs::perms::owner_read | fs::perms::owner_write);
  fs::rename(next, file, error);
  if (error) throw write_error(error.value(), file.string());
  sync_path(file.has_parent_path() ? file.parent_path() : ".");
}

/// Of the keys of this machine the one that is stored for these recipients; else one that is not
/// stored here at all, and so for no others.
std::optional<BlockKey> fitting(Repository& repository, const std::vector<BlockKey>& own,
                                const std::vector<std::string>& recipients) {
  const auto objects = repository.list(kKeys);
  const auto is_stored = [&](const std::function<bool(const std::string& name)>& is_it) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const auto& object) { return is_it(object.name); });
  };
  for (const BlockKey& key : own) {
    const std::string wanted = name_of(key, recipients);
    if (is_stored([&](const std::string& name) { return name == wanted; })) return key;
  }
  for (const BlockKey& key : own) {
    const std::string id = key.id();
    if (!is_stored([&](const std::string& name) { return is_of(name, id); })) return key;
  }
  return {};
}

/// In front of those that the file has, which other recipients or repositories may go on with.
void keep_beside(const std::vector<BlockKey>& own, const BlockKey& key, const fs::path& file,
                 std::vector<std::string>& remarks) {
  std::vector<BlockKey> keys{key};
  keys.insert(keys.end(), own.begin(), own.end());
  try {
    replace_key_file(file, keys);
  } catch (const Error& e) {
    remarks.push_back(std::string("the next backup stores all blocks anew again, for the key of "
                                  "these can't be kept: ") +
                      e.what());
  }
}

BlockKey own_key(Repository& repository, const KeyOptions& options, const Cancel& cancel,
                 std::vector<std::string>& remarks) {
  const auto own = read_key_file(options.key_file);
  if (const auto key = fitting(repository, own, options.recipients)) return *key;
  const auto stored = newest_stored(repository, options, cancel);
  const BlockKey key = stored ? *stored : BlockKey::make();
  if (own.empty()) return write_key_file(options.key_file, key);
  if (!stored) {
    remarks.emplace_back(
        "the recipients have changed, or it is not known whom the stored blocks are encrypted "
        "for: all blocks are stored anew");
  }
  keep_beside(own, key, options.key_file, remarks);
  return key;
}

}  // namespace

BlockKey BlockKey::make() {
  BlockKey key;
  require(RAND_bytes(key.bytes_.data(), static_cast<int>(key.bytes_.size())) == 1);
  return key;
}

BlockKey BlockKey::parse(std::string_view text, const std::string& where) {
  const bool good = text.size() == kKeyText &&
                    text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!good) throw Error(ErrorCode::bad_data, where + ": no key of blocks");
  std::string bytes;
  append_hex(bytes, text);
  BlockKey key;
  std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
  return key;
}

std::string BlockKey::text() const { return hexadecimal(view_of(bytes_)); }

std::string BlockKey::id() const {
  constexpr std::size_t kDigits = 16;
  return sha256_hex("prismctl block key " + text()).substr(0, kDigits);
}

void BlockHasher::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

BlockHasher::BlockHasher(const BlockKey& key) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(mac != nullptr);
  context_.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string("digest", digest.data(), 0), OSSL_PARAM_construct_end()};
  require(context_ && EVP_MAC_init(context_.get(), key.bytes_.data(), key.bytes_.size(),
                                   parameters.data()) == 1);
}

BlockHash BlockHasher::hash(std::string_view block) {
  std::array<unsigned char, 32> whole{};
  std::size_t size = 0;
  EVP_MAC_CTX* const context = context_.get();
  // Without a key it begins anew with the one that it has.
  require(EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
          EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(block.data()),
                         block.size()) == 1 &&
          EVP_MAC_final(context, whole.data(), &size, whole.size()) == 1);
  BlockHash hash{};
  std::copy_n(whole.begin(), hash.size(), hash.begin());
  return hash;
}

BlockKey key_for_writing(Repository& repository, const KeyOptions& options, const Cancel& cancel,
                         std::vector<std::string>& remarks) {
  const bool encrypted = !options.recipients.empty();
  if (!encrypted) {
    if (const auto key = newest_stored(repository, options, cancel)) return *key;
  }
  const BlockKey key = encrypted ? own_key(repository, options, cancel, remarks) : BlockKey::make();
  store_once(repository, key, options, cancel);
  return key;
}

std::optional<BlockKey> find_key(Repository& repository, const std::string& id,
                                 const KeyOptions& options, const Cancel& cancel) {
  for (const auto& object : repository.list(kKeys)) {
    if (!is_of(object.name, id)) continue;
    if (object.name.ends_with(kEncrypted) && options.identity_file.empty()) continue;
    if (const auto key = read_if_ours(repository, object.name, options, cancel)) return key;
  }
  for (const BlockKey& own : read_key_file(options.key_file)) {
    if (own.id() == id) return own;
  }
  return {};
}

}  // namespace prism::blocks
