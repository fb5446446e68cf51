#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/backup/component.hpp>

namespace prism::backup {

/// A piece of a target's dump, as it lies in the repository.
struct Artifact {
  std::string name;    ///< as the component calls it: `db`
  std::string object;  ///< in the folder of the backup: `facts.db.zst`
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;
  std::string sha256;     ///< of what is stored
  std::size_t parts = 1;  ///< objects that it is split into: see repository/parts.hpp
};

/// What a backup says of one target.
struct TargetRecord {
  std::string name;
  std::string kind;      ///< `sqlite`, `files`, …
  std::string location;  ///< where the target was: no secrets
  std::string error;     ///< why it failed; empty: it is complete
  Content content;
  double seconds = 0;
  std::vector<Artifact> artifacts;
  std::string after_error = {};  ///< why the hook after it failed; empty: it didn't
  std::string hint = {};         ///< what can be done about `error`; may be empty
};

/// What is written last of a backup, which is none without it.
struct PRISM_API Manifest {
  std::string id;
  std::string started;   ///< UTC
  std::string finished;  ///< UTC
  std::string tool;      ///< `prismctl 0.1.0`
  std::string host;
  std::string before_restore_of;  ///< a safety copy: the backup that was restored; else empty
  std::vector<TargetRecord> targets;
  std::string after_error = {};  ///< why the hook after all of them failed; empty: it didn't

  bool is_complete() const;
  /// Whether a hook afterwards failed: the copy is sound, but something may not run again.
  bool has_after_error() const;
  /// Whether something that is there is in no dump: what there is of it is sound.
  bool has_left_out() const;
  /// Whether it has copies of servers' files; else it has dumps.
  bool is_physical() const;
  std::uint64_t stored_bytes() const;
  /// Null where there is none of that name.
  const TargetRecord* find(std::string_view target) const;
};

/// Its last member is the SHA-256 of the text itself, with 64 zeros in its place.
PRISM_API std::string to_json_text(const Manifest& manifest);

/// Throws Error(bad_data) that names `where` for what is no manifest, is not what its checksum is
/// of, or has a newer schema.
PRISM_API Manifest parse_manifest(std::string_view json, const std::string& where);

}  // namespace prism::backup
