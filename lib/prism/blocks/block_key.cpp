#include <algorithm>
#include <array>
#include <cerrno>

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

std::string_view view_of(const std::array<std::uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void require(bool good) {
  if (!good) throw Error(ErrorCode::internal, "OpenSSL computes no HMAC");
}

std::string read_text(ByteSource& source) { return read_at_most(source, 4 * kKeyText); }

std::string name_of(const BlockKey& key, bool encrypted) {
  return kKeys + key.id() + (encrypted ? std::string(kEncrypted) : "");
}

void store(Repository& repository, const BlockKey& key, const KeyOptions& options,
           const Cancel& cancel) {
  const bool encrypted = !options.recipients.empty();
  const auto object = repository.create(name_of(key, encrypted));
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
  const std::string name = name_of(key, !options.recipients.empty());
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

/// The newest of that kind that can be read.
std::optional<BlockKey> newest_stored(Repository& repository, bool encrypted,
                                      const KeyOptions& options, const Cancel& cancel) {
  if (encrypted && options.identity_file.empty()) return {};
  auto objects = repository.list(kKeys);
  std::erase_if(objects,
                [&](const auto& object) { return object.name.ends_with(kEncrypted) != encrypted; });
  std::sort(objects.begin(), objects.end(),
            [](const auto& a, const auto& b) { return a.modified > b.modified; });
  for (const auto& object : objects) {
    try {
      return read_stored(repository, object.name, options, cancel);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::permission) throw;  // another's
    }
  }
  return {};
}

std::optional<BlockKey> read_key_file(const fs::path& file) {
  struct stat state {};
  if (file.empty() || ::stat(file.c_str(), &state) != 0) return {};
  if ((state.st_mode & 077U) != 0) {
    throw Error(ErrorCode::permission, file.string() + ": others may read the key", "chmod 600 it");
  }
  constexpr std::size_t kLimit = 4096;
  return BlockKey::parse(trimmed(read_file(file, kLimit)), file.string());
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
    if (e.code() != ErrorCode::refused || !others) throw;
    return *others;
  }
  return key;
}

BlockKey own_key(Repository& repository, const KeyOptions& options, const Cancel& cancel) {
  if (const auto key = read_key_file(options.key_file)) return *key;
  const auto stored = newest_stored(repository, true, options, cancel);
  return write_key_file(options.key_file, stored ? *stored : BlockKey::make());
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

BlockKey key_for_writing(Repository& repository, const KeyOptions& options, const Cancel& cancel) {
  const bool encrypted = !options.recipients.empty();
  if (!encrypted) {
    if (const auto key = newest_stored(repository, false, options, cancel)) return *key;
  }
  const BlockKey key = encrypted ? own_key(repository, options, cancel) : BlockKey::make();
  store_once(repository, key, options, cancel);
  return key;
}

std::optional<BlockKey> find_key(Repository& repository, const std::string& id,
                                 const KeyOptions& options, const Cancel& cancel) {
  for (const auto& object : repository.list(kKeys)) {
    if (object.name != kKeys + id && object.name != kKeys + id + std::string(kEncrypted)) continue;
    const bool readable = !object.name.ends_with(kEncrypted) || !options.identity_file.empty();
    if (readable) return read_stored(repository, object.name, options, cancel);
  }
  const auto own = read_key_file(options.key_file);
  return own && own->id() == id ? own : std::nullopt;
}

}  // namespace prism::blocks
