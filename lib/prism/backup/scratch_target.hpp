#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/backup/manifest.hpp>
#include <prism/base/cancel.hpp>

namespace prism::backup {

/// One thing that was looked at, with what it should have been.
struct Check {
  std::string what;      ///< `rows of public.users`, `SHA-256 of the file`
  std::string expected;  ///< by the manifest, or by what is stored
  std::string found;     ///< in the scratch target

  bool is_good() const { return expected == found; }
};

/// What a scratch target holds once something was restored into it.
struct Found {
  Counts counts;
  std::vector<Check> checks;  ///< of its content, with what is stored
};

/// A target of its own, made to restore a backup into it once: a temporary database, server or
/// folder. What was made goes with this object.
class PRISM_API ScratchTarget {
 public:
  virtual ~ScratchTarget() = default;

  /// For people: no secrets.
  virtual std::string location() const = 0;

  virtual Component& component() = 0;

  /// Counts what was restored, and holds its content against what is stored.
  virtual Found examine(ArtifactReader& artifacts) = 0;
};

/// Makes one for a target of a backup. Throws Error(configuration) where none can be had.
using ScratchOfTarget =
    std::function<std::unique_ptr<ScratchTarget>(const TargetRecord& target, const Cancel& cancel)>;

}  // namespace prism::backup
