#pragma once

#include <string>
#include <vector>

#include <prism/backup/make_backup.hpp>
#include <prism/backup/scratch_target.hpp>
#include <prism/backup/verify.hpp>

#include "command.hpp"
#include "console/output.hpp"

namespace prismctl {

// What backup and restore have in common.

/// `prismctl 0.1.0`
std::string tool_name();

/// `3 tables, 5,263 rows`: by the kind of target.
std::string summary_of(const prism::backup::Content& content);

Json to_json(const prism::backup::Content& content);
Json to_json(const prism::backup::Manifest& manifest);

/// Those of `names`, each once and in the order of a backup. Throws Error(usage) for an unknown
/// one.
std::vector<prism::config::Target> named_targets(const Session& session,
                                                 const std::vector<std::string>& names);

/// Those of `names`, or all that there are; the fact store that nobody has named only where its
/// file is there. Throws Error(usage) for an unknown name, and where there is nothing at all.
std::vector<prism::config::Target> chosen_targets(const Session& session,
                                                  const std::vector<std::string>& names);

/// `options` is added to what the settings say.
std::vector<prism::backup::NamedComponent> open_components(
    const std::vector<prism::config::Target>& targets, Session& session,
    prism::drivers::ComponentOptions options = {});

/// Those around a whole backup or restore.
prism::backup::Hooks hooks(const Session& session);

/// Whom backups are encrypted for; none: nobody.
std::vector<std::string> recipients(const Session& session);
prism::backup::ReadOptions read_options(const Session& session);

/// Looks into artifacts of any kind of target that this version knows.
prism::backup::ComponentOfKind component_of_kind(Session& session,
                                                 prism::repository::Repository& repository);

/// Where the targets of a backup are restored into for a test.
prism::backup::ScratchOfTarget scratch_of_target(Session& session,
                                                 prism::repository::Repository& repository);

}  // namespace prismctl
