#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <prism/backup/hooks.hpp>
#include <prism/backup/manifest.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/base/context.hpp>

namespace prism::backup {

/// A target by the name that the operator knows it by.
struct NamedComponent {
  std::string name;
  std::string kind;
  std::unique_ptr<Cancel> cancel;  ///< the component's own, for its time limit; null: none
  std::unique_ptr<Component> component;
  std::chrono::seconds time_limit{0};  ///< of a dump, and of a restore; 0: none
  Hooks hooks = {};
};

struct MakeOptions {
  std::size_t jobs = 2;  ///< targets at a time
  StoreOptions store = {};
  Hooks hooks = {};                    ///< around all of them
  std::string tool = {};               ///< `prismctl 0.1.0`
  std::string before_restore_of = {};  ///< a safety copy: of what that restore overwrites
  /// Throws where the lock of the repository was taken away. Asked before and after the manifest is
  /// put: another run may have removed by then what no manifest named. Null: nobody is asked.
  std::function<void()> require_lock = {};
};

/// Dumps the targets into a new backup, the manifest last. They are begun in the order that
/// `in_order` gives them: what refers to other things before these, so that with one job at a time
/// a row's object is in the set if it was there when the row was. The caller holds the lock of the
/// repository. A target that fails is told in its record, and the others go on; what throws instead
/// is a recipient that is none (before anything is begun), a repository that takes nothing, a lock
/// that was taken away, and an interruption: then there is no backup.
PRISM_API Manifest make_backup(repository::Repository& repository,
                               std::span<NamedComponent> targets, const MakeOptions& options,
                               Context& context);

}  // namespace prism::backup
