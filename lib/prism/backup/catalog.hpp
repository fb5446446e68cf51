#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <prism/backup/manifest.hpp>
#include <prism/backup/run_owner.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

enum class State : std::uint8_t {
  complete,
  incomplete,  ///< a component failed
  partial,     ///< it died, or is being made
  damaged,     ///< its manifest can't be read
};

PRISM_API std::string_view state_name(State state);

/// What is written first of a backup, as `begun.json`, and removed once its manifest is there: so
/// one that died at once is seen as well.
struct Begun {
  RunOwner owner;
  std::string started;  ///< UTC
  std::vector<std::string> targets;
  std::string before_restore_of;  ///< see Manifest
};

PRISM_API std::string to_json_text(const Begun& begun);
/// Nothing for what is none: it is only told, and nothing depends on it.
PRISM_API std::optional<Begun> parse_begun(std::string_view json);

/// A backup as it lies in a repository.
struct PRISM_API Backup {
  std::string id;
  State state = State::partial;
  std::chrono::system_clock::time_point time;  ///< that of the id
  bool pinned = false;
  std::uint64_t stored_bytes = 0;  ///< of all its objects, and of the blocks that it stored
  std::string trouble;             ///< of a damaged manifest
  std::optional<Manifest> manifest;
  std::optional<Begun> begun = {};  ///< of a partial one
  bool under_way = false;           ///< a partial one whose run holds the lock of the repository
  bool being_removed = false;       ///< its removal was begun

  /// Made by a restore, of what it overwrote: not what anyone wants back unasked.
  bool is_safety_copy() const;
  /// Copies of servers' files, which another backup is no substitute for.
  bool is_physical() const;
  /// It did not become what it was to be: a target failed, or it died, or it can't be read.
  bool has_failed() const;
};

/// `20261121T101500Z-1a2b`: a moment, to the second, and four random digits.
PRISM_API std::string make_id(std::chrono::system_clock::time_point time);
/// The moment in an id, or nothing for what is none.
PRISM_API std::optional<std::chrono::system_clock::time_point> time_of_id(std::string_view id);

/// Of all that are there in whatever state; empty where there is none.
PRISM_API std::string newest_id(repository::Repository& repository);

/// All backups, the oldest first.
PRISM_API std::vector<Backup> list_backups(repository::Repository& repository);

/// Whether a backup is what is looked for.
using Wanted = std::function<bool(const Backup& backup)>;

/// The one of that id, or of the only id that begins so; `latest` is the newest that is complete,
/// no safety copy, and wanted. Throws Error(input_missing) where there is none, Error(usage) where
/// several begin so.
PRISM_API Backup find_backup(repository::Repository& repository, const std::string& id,
                             const Wanted& is_wanted = {});

/// Ids are later than all that are there. So after one run whose clock was ahead they are of the
/// future, until the clock has come there, and all that counts ages is wrong: words on that where
/// the newest id is such a one, or nothing.
PRISM_API std::optional<std::string> warning_of_future(const std::string& newest,
                                                       std::chrono::system_clock::time_point now);

/// A pinned backup is kept, whatever the policy. Throws Error(locked) where a run removes it right
/// now.
PRISM_API void pin(repository::Repository& repository, const std::string& id);
PRISM_API void unpin(repository::Repository& repository, const std::string& id);

/// Its manifest first: what is left of it when this is cut off is no backup. False, and nothing is
/// removed, where it is pinned. The caller holds the lock of the repository, who pins needn't: both
/// say what they are about to do (`removing.json`, `pinned`) before they look for the other.
PRISM_API bool remove_backup(repository::Repository& repository, const std::string& id);

/// The objects of a backup.
PRISM_API std::string object_name(const std::string& id, const std::string& object);
inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kPin = "pinned";
inline constexpr const char* kBegun = "begun.json";
inline constexpr const char* kRemoving = "removing.json";

}  // namespace prism::backup
