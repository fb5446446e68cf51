#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>
#include <prism/backup/proof.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/base/context.hpp>

namespace prism::backup {

/// Makes what knows the artifacts of a kind of target; null for a kind that is not known.
using ComponentOfKind = std::function<std::unique_ptr<Component>(const std::string& kind)>;

/// What was seen of a backup.
struct PRISM_API Verified {
  std::string id;
  State state = State::complete;
  std::vector<TargetProof> targets;
  std::string trouble = {};  ///< of a damaged manifest

  /// Nothing was seen where there is no manifest; one that is damaged is bad.
  Outcome outcome() const;
  /// No damage was seen, and no target is missing.
  bool is_good() const;
  /// Whether nothing was left out: all was decrypted, and for a restore test restored.
  bool is_whole() const;
};

/// Reads every byte of a backup: its hashes, its compression, each artifact's own structure, and
/// that it holds as much as the manifest says. Of what is encrypted only the hashes where no
/// identity is given. A target that can't be looked at (the key is another's, the repository is
/// away) is told as not tested, with the reason.
PRISM_API Verified verify(repository::Repository& repository, const Backup& backup,
                          const ComponentOfKind& component_of_kind, const ReadOptions& options,
                          Context& context);

/// Whether such an error of a look at what is stored tells of damage, not of what stood in the way.
PRISM_API bool is_damage(ErrorCode code);

/// The same for one target. Throws Error(bad_data) for damage.
PRISM_API void verify_target(repository::Repository& repository, const std::string& id,
                             const TargetRecord& target, const ComponentOfKind& component_of_kind,
                             const ReadOptions& options, const Cancel& cancel);

}  // namespace prism::backup
