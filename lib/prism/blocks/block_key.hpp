#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/repository/repository.hpp>

struct evp_mac_ctx_st;

namespace prism::blocks {

/// What a block is known by: 24 bytes of the HMAC-SHA-256 (RFC 2104) of its bytes. Without the key
/// nobody can tell by an index whether a block has a content that they guess.
using BlockHash = std::array<std::uint8_t, 24>;

/// The key of these hashes: 32 random bytes.
class PRISM_API BlockKey {
 public:
  static BlockKey make();
  /// 64 hexadecimal digits. Throws Error(bad_data) for anything else, without telling what it is.
  static BlockKey parse(std::string_view text, const std::string& where);
  std::string text() const;

  /// 16 hexadecimal digits that tell keys apart, and nothing of the key (a hash of it).
  std::string id() const;

 private:
  friend class BlockHasher;
  std::array<std::uint8_t, 32> bytes_{};
};

/// Hashes blocks. Used by one thread; each has its own.
class PRISM_API BlockHasher {
 public:
  explicit BlockHasher(const BlockKey& key);
  BlockHash hash(std::string_view block);

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

/// How blocks are kept from others.
struct KeyOptions {
  std::vector<std::string> recipients = {};  ///< of age; none: nothing is encrypted
  std::filesystem::path key_file = {};       ///< of this machine, where there are recipients
  std::filesystem::path identity_file = {};  ///< of age; empty: none
};

/// The key by which a run that stores blocks knows what is there. Without recipients it lies in the
/// repository as it is (`blocks/keys/<id>`). With them it lies there encrypted
/// (`blocks/keys/<id>.<tag>.age`, the tag telling sets of recipients apart) for those who restore,
/// and in `key_file` (mode 0600) for the machine that makes backups and can't decrypt; where that
/// file is missing the newest key of these recipients that the identity opens is put there, and
/// else a new one is made: then nothing that is stored is known again, once. So it is, with words
/// in `remarks`, where the key is stored for other recipients, or without a tag: who restores now
/// may not open what they could. Throws Error(permission) where the file may be read by others,
/// Error(bad_data) for one that holds no key.
PRISM_API BlockKey key_for_writing(repository::Repository& repository, const KeyOptions& options,
                                   const Cancel& cancel, std::vector<std::string>& remarks);

/// The key of that id, where it can be had: from the repository, by the identity where it is
/// encrypted, or from `key_file`. Nothing where it can't: the identity may be another's.
PRISM_API std::optional<BlockKey> find_key(repository::Repository& repository,
                                           const std::string& id, const KeyOptions& options,
                                           const Cancel& cancel);

}  // namespace prism::blocks
