#include "make_set.hpp"

#include <prism/backup/repository_lock.hpp>

#include "backup_results.hpp"
#include "physical.hpp"

namespace prismctl {

prism::backup::Manifest make_set(const std::vector<prism::config::Target>& targets,
                                 const SetOptions& options, Session& session) {
  const auto repository = session.open_repository();
  prism::drivers::ComponentOptions ways;
  ways.physical = physical_options(session, *repository);
  ways.physical.delta = options.type == BackupType::delta;
  ways.physical.level = options.level;
  ways.physical.threads = options.threads;
  if (ways.physical.delta) ways.physical.earlier = earlier_copies(session, *repository);
  auto components = open_components(targets, session, ways);
  auto context = session.context();
  prism::backup::RepositoryLock lock(*repository, "backup", session.lock_wait(), context);
  const prism::backup::MakeOptions make_options{.jobs = options.jobs,
                                                .store = {.level = options.level,
                                                          .threads = options.threads,
                                                          .recipients = recipients(session)},
                                                .hooks = hooks(session),
                                                .tool = tool_name(),
                                                .require_lock = [&] { lock.require_held(); }};
  for (const auto& component : components) lock.cancels(*component.cancel);
  prism::backup::Manifest manifest;
  lock.guard([&](prism::Context& held) {
    manifest = make_backup(*repository, components, make_options, held);
  });
  return manifest;
}

}  // namespace prismctl
