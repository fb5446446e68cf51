#include <algorithm>

#include <fmt/format.h>

#include <prism/backup/repository_lock.hpp>
#include <prism/backup/restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>

#include "backup_results.hpp"
#include "options.hpp"
#include "physical.hpp"
#include "store_look.hpp"

namespace prismctl {
namespace {

using prism::backup::Backup;
using prism::backup::find_backup;
using prism::backup::Restored;
using prism::config::Target;

struct Options {
  std::string id;
  std::vector<std::string> targets;
  std::string into;
  bool physical = false;
  RecoveryFlags recovery;
  bool dry_run = false;
  bool force = false;
  bool no_safety_copy = false;
  prism::drivers::ComponentOptions ways;
};

/// What the backup has a sound copy of.
std::vector<std::string> names_in(const Backup& backup) {
  std::vector<std::string> names;
  if (!backup.manifest) return names;
  for (const auto& target : backup.manifest->targets) {
    if (target.error.empty()) names.push_back(target.name);
  }
  return names;
}

/// A target by its name in the backup, but somewhere else.
Target elsewhere(const Backup& backup, const std::string& name, const std::string& into) {
  const auto* const record = backup.manifest ? backup.manifest->find(name) : nullptr;
  if (record == nullptr) {
    throw prism::Error(
        prism::ErrorCode::input_missing,
        fmt::format("backup {} has no target {}", backup.id, prism::in_quotes(name)));
  }
  Target target{name, record->kind, into, "", "flag --into"};
  target.root = into;
  return target;
}

std::vector<Target> targets_of(const Options& options, const Backup& backup,
                               const Session& session) {
  const auto names = options.targets.empty() ? names_in(backup) : options.targets;
  if (options.into.empty()) return named_targets(session, names);
  if (names.size() == 1) return {elsewhere(backup, names[0], options.into)};
  throw prism::Error(prism::ErrorCode::usage, "--into is for one target", "name it with --target");
}

/// Whether it holds the facts, or their cache.
bool is_store_or_cache(const Target& target, Session& session) {
  return prism::config::is_same_place(target.url, session.cache_url()) ||
         prism::config::is_same_place(target.url,
                                      session.settings().text(prism::config::Setting::store));
}

/// What is not right with the store and its cache, where one of them was restored and it was built.
std::vector<std::string> look_at_store(const std::vector<Target>& targets, Session& session) {
  const bool concerned = std::any_of(targets.begin(), targets.end(), [&](const Target& target) {
    return is_store_or_cache(target, session);
  });
  if (!concerned) return {};
  try {
    const auto report = report_store(session, session.settings().servers(), session.cancel());
    const bool has_cache = report && (!report->cache_trouble.empty() ||
                                      (report->cache && report->cache->generation > 0));
    return has_cache ? report->problems : std::vector<std::string>();
  } catch (const prism::Error& e) {
    session.cancel().check();
    // A graph need not hold facts of ours.
    if (e.code() == prism::ErrorCode::configuration) return {};
    return {std::string("the store: ") + e.what()};
  }
}

/// What is there of some target, and no restore that was cut off has left it.
bool overwrites(const Restored& restored) {
  return std::any_of(restored.targets.begin(), restored.targets.end(),
                     [](const auto& target) { return target.before && !target.unfinished; });
}

Json to_json(const Options& options, const Restored& restored,
             const std::vector<std::string>& problems, const std::vector<std::string>& wal) {
  Json targets = Json::array();
  for (const auto& target : restored.targets) {
    targets.push_back({{"name", target.name},
                       {"kind", target.kind},
                       {"location", target.location},
                       {"overwritten", target.before ? prismctl::to_json(*target.before) : Json()},
                       {"finished", target.unfinished ? Json(*target.unfinished) : Json()},
                       {"trouble", target.trouble.empty() ? Json() : Json(target.trouble)},
                       {"restored", prismctl::to_json(target.after)}});
  }
  return {{"command", "restore"},
          {"dry_run", options.dry_run},
          {"refused", options.dry_run && overwrites(restored) && !options.force},
          {"id", restored.id},
          {"safety_copy", restored.safety_copy.empty() ? Json() : Json(restored.safety_copy)},
          {"after_error", restored.after_error.empty() ? Json() : Json(restored.after_error)},
          {"problems", problems},
          {"wal", wal},
          {"targets", targets}};
}

/// Only a dry run counts what may take long to count.
std::string overwritten(const prism::backup::Content& before) {
  return before.counts.empty() ? "what was there" : summary_of(before);
}

/// What else a restore would do, or why it would not begin.
void tell_plan(const Options& options, const Restored& restored, Output& output) {
  if (overwrites(restored) && !options.force) {
    output.line("it would be refused: --force overwrites what is there");
  } else if (overwrites(restored)) {
    output.line(options.no_safety_copy ? "no copy of what is overwritten would be kept"
                                       : "a copy of what is overwritten would be kept first");
  }
  output.line("dry run, nothing was touched: the backup is good");
}

void tell(const Options& options, const Restored& restored,
          const std::vector<std::string>& problems, Output& output) {
  for (const auto& target : restored.targets) {
    output.line(fmt::format("{}: {}", target.name, target.location));
    if (target.unfinished) output.line("  finishes   " + *target.unfinished);
    if (target.before) output.line("  overwrites " + overwritten(*target.before));
    output.line("  restores   " + summary_of(target.after));
  }
  if (options.dry_run) {
    tell_plan(options, restored, output);
  } else {
    if (!restored.safety_copy.empty()) {
      output.line("what was there is kept as backup " + restored.safety_copy);
    }
    output.line("restored from backup " + restored.id);
  }
  for (const std::string& problem : problems) output.line("problem: " + problem);
}

/// Restored, but not all is as it should be.
bool is_degraded(const Restored& restored, const std::vector<std::string>& problems) {
  return !problems.empty() || !restored.after_error.empty() ||
         std::any_of(restored.targets.begin(), restored.targets.end(),
                     [](const auto& target) { return !target.trouble.empty(); });
}

// ---- copies of servers' files -------------------------------------------------------------------

void require_flags(const Options& options) {
  const auto need = [](bool good, const char* what, const char* hint) {
    if (!good) throw prism::Error(prism::ErrorCode::usage, what, hint);
  };
  if (options.physical) {
    return need(!options.into.empty(), "a physical copy is restored into a folder", "--into DIR");
  }
  need(!options.recovery.any(), "a moment between backups needs a physical one, and its WAL",
       "--type full --into DIR");
  need(!options.ways.physical.rewrite && options.ways.physical.tablespaces.empty(),
       "--delta and --tablespaces are about physical copies", "--type full --into DIR");
}

/// The newest that is of the kind, and early enough.
prism::backup::Wanted wanted(const Options& options) {
  const auto recovery = parse_recovery(options.recovery);
  return [physical = options.physical, recovery](const Backup& backup) {
    return backup.is_physical() == physical && (!physical || reaches(backup, recovery));
  };
}

void require_wanted(const Options& options, const Backup& backup) {
  if (!backup.manifest || wanted(options)(backup)) return;
  if (backup.is_physical() != options.physical) {
    throw prism::Error(
        prism::ErrorCode::usage,
        fmt::format("backup {} is {}", backup.id, options.physical ? "logical" : "a physical copy"),
        options.physical ? "leave out --type" : "--type full --into DIR");
  }
  throw prism::Error(prism::ErrorCode::usage,
                     fmt::format("backup {} is of a later moment than that", backup.id),
                     "name an earlier one, or latest: it is the last before the moment");
}

/// A folder for each of them: several lie side by side below the one that is named.
std::vector<Target> folders(const Options& options, const Backup& backup) {
  const auto names = options.targets.empty() ? names_in(backup) : options.targets;
  if (names.size() > 1 && !options.ways.physical.tablespaces.empty()) {
    throw prism::Error(prism::ErrorCode::usage,
                       fmt::format("--tablespaces is of one target, these are {}", names.size()),
                       "name one with --target");
  }
  std::vector<Target> targets;
  for (const std::string& name : names) {
    const auto folder = std::filesystem::absolute(options.into);
    Target target = elsewhere(backup, name, names.size() > 1 ? folder / name : folder);
    targets.push_back(std::move(target));
  }
  return targets;
}

/// What is said of the WAL, by target.
std::vector<std::string> look_at_wal(const Options& options, const Backup& backup,
                                     const std::vector<Target>& targets,
                                     prism::repository::Repository& repository, Session& session) {
  std::vector<std::string> words;
  if (!options.physical) return words;
  for (const Target& target : targets) {
    words.push_back(target.name + ": " +
                    require_wal(*backup.manifest->find(target.name),
                                parse_recovery(options.recovery), repository, session.cancel()));
  }
  return words;
}

/// A server that can't read the bucket says so only once it is started.
void warn_of_bucket(Session& session) {
  const std::string missing = not_in_fetch_command(session);
  if (missing.empty()) return;
  session.log().warning("the restored server fetches its WAL from the bucket without " + missing +
                        " of this run: start it with them, or restore with them in an .env file " +
                        "(--env-file) that it may read");
}

prism::drivers::ComponentOptions ways_of(const Options& options, Session& session,
                                         prism::repository::Repository& repository) {
  auto ways = options.ways;
  ways.force = options.force;
  const auto asked = ways.physical;
  ways.physical = physical_options(session, repository);
  ways.physical.rewrite = asked.rewrite;
  ways.physical.tablespaces = asked.tablespaces;
  ways.physical.recovery = parse_recovery(options.recovery);
  if (ways.physical.recovery.target != prism::RecoveryTarget::consistent) {
    ways.physical.recovery.fetch_command = fetch_command(session);
    warn_of_bucket(session);
  }
  return ways;
}

/// Of a data folder no copy is kept: it would be a copy of what a server has left half done.
prism::backup::RestoreOptions restore_options(const Options& options, Session& session) {
  const bool rewrites = options.ways.physical.rewrite;
  return {.force = options.force || rewrites,
          .dry_run = options.dry_run,
          .safety_copy = !options.no_safety_copy && !options.physical,
          .read = read_options(session),
          .safety = {.store = {.recipients = recipients(session)},
                     .hooks = hooks(session),
                     .tool = tool_name()}};
}

int run(const Options& options, Session& session) {
  require_flags(options);
  const auto repository = session.open_repository();
  auto context = session.context();
  find_backup(*repository, options.id, wanted(options));  // without any there is nothing to lock
  prism::backup::RepositoryLock lock(*repository, "restore", session.lock_wait(), context);
  const Backup backup = find_backup(*repository, options.id, wanted(options));
  require_wanted(options, backup);
  const auto targets =
      options.physical ? folders(options, backup) : targets_of(options, backup, session);
  const auto wal = look_at_wal(options, backup, targets, *repository, session);
  auto components = open_components(targets, session, ways_of(options, session, *repository));
  Restored restored;
  lock.guard([&](prism::Context& held) {
    restored = restore(*repository, backup, components, restore_options(options, session),
                       component_of_kind(session, *repository), held);
  });
  const auto problems =
      options.dry_run ? std::vector<std::string>() : look_at_store(targets, session);
  if (session.output().json()) {
    session.output().document(to_json(options, restored, problems, wal));
  } else {
    for (const std::string& words : wal) session.output().line(words);
    tell(options, restored, problems, session.output());
  }
  return is_degraded(restored, problems) ? 1 : 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("ID", options->id, "A backup, or as much of its id as is enough, or latest")
      ->required();
  app.add_option("--target", options->targets, "Only this one; may be repeated")->type_name("NAME");
  app.add_option("--into", options->into, "Restore the one target there: a URL, or a folder")
      ->type_name("URL|DIR");
  add_choice(app, "--type", "logical|full",
             "Dumps, or a copy of a server's files (default: logical)",
             [options](std::size_t chosen) { options->physical = chosen > 0; });
  app.add_option(
         "--to-time", options->recovery.time,
         "Of a physical copy: replay the WAL to that moment (UTC where no zone is named), or "
         "latest")
      ->type_name("TIME");
  app.add_option("--to-lsn", options->recovery.lsn, "To that place in the WAL")->type_name("LSN");
  app.add_option("--to-name", options->recovery.name, "To that restore point")->type_name("NAME");
  app.add_option("--timeline", options->recovery.timeline,
                 "Along that timeline: current is the copy's own (default: latest)")
      ->type_name("latest|current|N");
  app.add_flag("--delta", options->ways.physical.rewrite,
               "Of a physical copy: what is in DIR stays where it is the same");
  app.add_option("--tablespaces", options->ways.physical.tablespaces,
                 "Of a physical copy: where its tablespaces go (default: DIR.tablespaces)")
      ->type_name("DIR");
  app.add_flag("--dry-run", options->dry_run,
               "Check the backup, say what would be overwritten, and touch nothing");
  app.add_flag("--force", options->force, "Overwrite targets that hold something");
  app.add_flag("--no-safety-copy", options->no_safety_copy, "Keep no copy of what is overwritten");
  app.add_option("--jobs", options->ways.jobs,
                 "Of PostgreSQL's restore: connections that load at a time (default: 1)")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N");
  app.add_flag("--exact", options->ways.exact,
               "Redis, S3: remove keys and objects that the backup does not hold as well");
  app.add_flag(
      "--in-place", options->ways.in_place,
      "PostgreSQL: into the database itself, where none can be created; newer objects stay");
  app.add_flag("--no-owner", options->ways.no_owner,
               "PostgreSQL: what is restored belongs to who restores it");
  app.add_flag("--no-acl", options->ways.no_acl, "PostgreSQL: restore no grants");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command restore_command() {
  return {.name = "restore",
          .summary = "Put targets back in the state of a backup, which is checked first",
          .examples =
              "prismctl restore latest --dry-run\n"
              "prismctl restore latest --target facts --force\n"
              "prismctl restore 20261121T1015 --target facts --into /tmp/look.db\n"
              "prismctl restore latest --type full --target auth --into /srv/pg --to-time "
              "2026-11-21T10:15:00Z",
          .add = add,
          .audited = true,
          .pinged = "restore"};
}

}  // namespace prismctl
