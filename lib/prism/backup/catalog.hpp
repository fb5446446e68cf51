#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <prism/backup/manifest.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

enum class State : std::uint8_t {
  complete,
  incomplete,  ///< a component failed
  partial,     ///< it died, or is being made
  damaged,     ///< its manifest can't be read
};

PRISM_API std::string_view state_name(State state);

/// A backup as it lies in a repository.
struct Backup {
  std::string id;
  State state = State::partial;
  std::chrono::system_clock::time_point time;  ///< that of the id
  bool pinned = false;
  std::uint64_t stored_bytes = 0;  ///< of all its objects
  std::string trouble;             ///< of a damaged manifest
  std::optional<Manifest> manifest;

  /// Made by a restore, of what it overwrote: not what anyone wants back unasked.
  bool is_safety_copy() const { return manifest && !manifest->before_restore_of.empty(); }
};

/// `20261121T101500Z-1a2b`: a moment, to the second, and four random digits.
PRISM_API std::string make_id(std::chrono::system_clock::time_point time);
/// The moment in an id, or nothing for what is none.
PRISM_API std::optional<std::chrono::system_clock::time_point> time_of_id(std::string_view id);

/// All backups, the oldest first.
PRISM_API std::vector<Backup> list_backups(repository::Repository& repository);

/// The one of that id, or of the only id that begins so; `latest` is the newest that is complete
/// and no safety copy.
/// Throws Error(input_missing) where there is none, Error(usage) where several begin so.
PRISM_API Backup find_backup(repository::Repository& repository, const std::string& id);

/// A pinned backup is kept, whatever the policy.
PRISM_API void pin(repository::Repository& repository, const std::string& id);
PRISM_API void unpin(repository::Repository& repository, const std::string& id);

/// Its manifest first: what is left of it when this is cut off is no backup.
PRISM_API void remove_backup(repository::Repository& repository, const std::string& id);

/// The objects of a backup.
PRISM_API std::string object_name(const std::string& id, const std::string& object);
inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kPin = "pinned";

}  // namespace prism::backup
