#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/base/context.hpp>

namespace prism::backup {

/// Makes what knows the artifacts of a kind of target; null for a kind that is not known.
using ComponentOfKind = std::function<std::unique_ptr<Component>(const std::string& kind)>;

/// What was found of one target of a backup.
struct TargetCheck {
  std::string target;
  std::string trouble;    ///< empty: every byte was read and is as it was stored
  bool decrypted = true;  ///< false: without an identity no more can be said
  std::uint64_t bytes = 0;
  double seconds = 0;
};

struct PRISM_API Verified {
  std::string id;
  State state = State::complete;
  std::vector<TargetCheck> targets;

  bool is_good() const;
  bool is_decrypted() const;
};

/// Reads every byte of a backup: its hashes, its compression, each artifact's own structure, and
/// that it holds as much as the manifest says. Of what is encrypted only the hashes where no
/// identity is given.
PRISM_API Verified verify(repository::Repository& repository, const Backup& backup,
                          const ComponentOfKind& component_of_kind, const ReadOptions& options,
                          Context& context);

/// The same for one target. Throws Error(bad_data) for damage.
PRISM_API void verify_target(repository::Repository& repository, const std::string& id,
                             const TargetRecord& target, const ComponentOfKind& component_of_kind,
                             const ReadOptions& options, const Cancel& cancel);

}  // namespace prism::backup
