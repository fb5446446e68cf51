#pragma once

#include <optional>
#include <string>

#include <prism/base/export.hpp>
#include <prism/drivers/s3/address.hpp>

namespace prism::s3 {

/// Whether both are one server, as far as their names tell: `localhost` is 127.0.0.1, and the port
/// of the scheme need not be named.
PRISM_API bool is_same_server(const Address& a, const Address& b);

/// Whether one of the places lies in the other, or they are the same.
PRISM_API bool overlap(const Address& a, const Address& b);

/// Which objects of a bucket are a target's: those below its prefix, without the backups where the
/// repository lies there, and without what prismctl itself notes there.
class PRISM_API Scope {
 public:
  /// `repository` is a URL of any kind, or empty. Throws Error(configuration) where the target lies
  /// in the repository.
  Scope(Address target, const std::string& repository, const config::S3Settings& settings);

  /// All keys of the target begin so.
  std::string prefix() const { return target_.key(""); }
  std::string key_of(const std::string& name) const { return target_.key(name); }
  /// The same; throws Error(refused) for what is none of the target's.
  std::string restorable_key_of(const std::string& name) const;
  /// Whether the repository lies below the prefix.
  bool holds_repository() const { return !repository_.empty(); }

  /// The key without the target's prefix; nothing where it is not the target's.
  std::optional<std::string> name_of(const std::string& key) const;

  /// A server has many names: what lies where the repository would, were it the same one, is not
  /// removed for being unknown to a backup.
  bool may_be_removed(const std::string& key) const;

 private:
  Address target_;
  std::string repository_;   ///< what keys of backups begin with; empty: they are elsewhere
  std::string not_removed_;  ///< the same, if all servers were one
};

/// There while a restore is under way.
inline constexpr const char* kRestoreRecord = ".prismctl-restore";
/// There while a place is used for a restore test.
inline constexpr const char* kScratchMark = ".prismctl-scratch";

}  // namespace prism::s3
