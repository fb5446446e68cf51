#include <fmt/format.h>

#include <prism/backup/catalog.hpp>
#include <prism/backup/repository_lock.hpp>
#include <prism/backup/retention.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

#include "backup_results.hpp"
#include "console/table.hpp"
#include "make_set.hpp"
#include "options.hpp"
#include "physical.hpp"
#include "receive_wal.hpp"
#include "verify_backups.hpp"

namespace prismctl {
namespace {

using prism::backup::Backup;
using prism::backup::find_backup;
using prism::backup::list_backups;
using prism::backup::Manifest;
using prism::backup::remove_backup;
using prism::backup::RepositoryLock;
using Rows = std::vector<std::vector<std::string>>;

struct Options {
  std::vector<std::string> targets;
  SetOptions set;
  VerifyOptions verify;  ///< the ids are those of pin and unpin as well
  bool dry_run = false;
  prism::backup::Policy policy;
  std::function<int(const Options&, Session&)> action;
};

// ---- backup -------------------------------------------------------------------------------------

void tell(const Manifest& manifest, Output& output) {
  for (const auto& target : manifest.targets) {
    const auto& physical = target.content.physical;
    std::uint64_t bytes = physical ? physical->stored_bytes : 0;
    for (const auto& artifact : target.artifacts) bytes += artifact.stored_bytes;
    output.line(target.error.empty()
                    ? fmt::format("{}: {} ({})", target.name, prism::format_bytes(bytes),
                                  prism::format_seconds(target.seconds))
                    : fmt::format("{}: failed: {}", target.name, target.error));
    if (!target.hint.empty()) output.line("HINT: " + target.hint);
    for (const std::string& one : target.content.left_out) {
      output.line(fmt::format("{}: left out: {}", target.name, one));
    }
  }
  output.line(fmt::format("backup {}: {}", manifest.id,
                          manifest.is_complete() ? "complete" : "incomplete"));
}

/// What a system's own environment names and is no target is not left out in silence.
void warn_of_others(const Options& options, Session& session) {
  if (!options.targets.empty()) return;
  for (const std::string& words : session.others()) {
    session.log().warning(words + ": that part of the system is not backed up");
  }
}

int make(const Options& options, Session& session) {
  if (options.set.type == BackupType::wal) {
    return receive_wal({.targets = options.targets, .slot = {}, .once = true}, session);
  }
  const bool logical = options.set.type == BackupType::logical;
  auto targets = chosen_targets(session, options.targets);
  if (logical) warn_of_others(options, session);
  if (!logical) targets = clusters_among(std::move(targets), !options.targets.empty());
  const Manifest manifest = make_set(targets, options.set, session);
  if (session.output().json()) {
    session.output().document({{"command", "backup"}, {"backup", to_json(manifest)}});
  } else {
    tell(manifest, session.output());
  }
  if (!manifest.is_complete()) return 2;
  return manifest.has_after_error() || manifest.has_left_out() ? 1 : 0;
}

// ---- backup list --------------------------------------------------------------------------------

std::string targets_of(const Backup& backup) {
  std::string names;
  if (backup.begun) {
    for (const auto& target : backup.begun->targets) names += (names.empty() ? "" : " ") + target;
  }
  if (!backup.manifest) return names;
  for (const auto& target : backup.manifest->targets) {
    names += (names.empty() ? "" : " ") + target.name + (target.error.empty() ? "" : "!");
  }
  return names;
}

std::string remarks_of(const Backup& backup) {
  std::string remarks;
  const auto add = [&](bool is_so, const char* words) {
    if (is_so) remarks += (remarks.empty() ? "" : ", ") + std::string(words);
  };
  add(backup.pinned, "pinned");
  add(backup.is_safety_copy(), "safety copy");
  add(backup.under_way, "under way");
  add(backup.manifest && backup.manifest->has_left_out(), "not all of it");
  return remarks;
}

Json to_json(const Backup& backup) {
  Json json{{"id", backup.id},
            {"state", state_name(backup.state)},
            {"time", prism::format_utc(backup.time)},
            {"pinned", backup.pinned},
            {"safety_copy", backup.is_safety_copy()},
            {"under_way", backup.under_way},
            {"stored_bytes", backup.stored_bytes}};
  json["targets"] = Json::array();
  json["left_out"] = Json::array();
  if (backup.begun) json["targets"] = backup.begun->targets;
  if (!backup.manifest) return json;
  for (const auto& target : backup.manifest->targets) {
    json["targets"].push_back(target.name);
    for (const std::string& one : target.content.left_out) {
      json["left_out"].push_back(target.name + ": " + one);
    }
  }
  return json;
}

int list(const Options&, Session& session) {
  session.forgo_audit();
  const auto repository = session.open_repository();
  const auto backups = list_backups(*repository);
  Json json = Json::array();
  Rows rows{{"ID", "STATE", "SIZE", "TARGETS", ""}};
  for (const Backup& backup : backups) {
    json.push_back(to_json(backup));
    rows.push_back({backup.id, std::string(state_name(backup.state)),
                    prism::format_bytes(backup.stored_bytes), targets_of(backup),
                    remarks_of(backup)});
  }
  if (session.output().json()) {
    session.output().document(
        {{"command", "backup list"}, {"repository", repository->location()}, {"backups", json}});
  }
  if (backups.empty()) session.output().line(repository->location() + ": no backups");
  for (const std::string& line : table_lines(backups.empty() ? Rows() : rows)) {
    session.output().line(line);
  }
  return 0;
}

// ---- backup prune, pin, unpin -------------------------------------------------------------------

/// What becomes of each; it is told once it is so.
class Pruner {
 public:
  Pruner(const Options& options, prism::repository::Repository& repository, Session& session)
      : options_(options), repository_(repository), output_(session.output()) {}

  void carry_out(const prism::backup::Decision& decision) {
    const std::string& id = decision.backup->id;
    std::string why = decision.why;
    // Whoever pins one needs no lock.
    if (!decision.keep && !options_.dry_run && !remove_backup(repository_, id)) why = "pinned";
    if (!why.empty()) kept_.push_back(decision.backup);
    const std::string what = options_.dry_run ? "would be removed" : "removed";
    json_.push_back(
        {{"id", id}, {"kept", !why.empty()}, {"why", why.empty() ? Json() : Json(why)}});
    output_.line(fmt::format("{}  {}", id, why.empty() ? what : "kept: " + why));
  }

  /// What only those that are gone have needed.
  void sweep(const prism::Cancel& cancel) {
    swept_ = prism::drivers::remove_unneeded(repository_, kept_, options_.dry_run, cancel);
    if (swept_.packs + swept_.wal_files == 0) return;
    output_.line(fmt::format("{} of blocks and WAL that no backup needs {}: packs {}, WAL files {}",
                             prism::format_bytes(swept_.bytes),
                             options_.dry_run ? "would be removed" : "removed", swept_.packs,
                             swept_.wal_files));
  }

  const Json& json() const { return json_; }
  Json swept() const {
    return {{"packs", swept_.packs}, {"wal_files", swept_.wal_files}, {"bytes", swept_.bytes}};
  }

 private:
  const Options& options_;
  prism::repository::Repository& repository_;
  Output& output_;
  Json json_ = Json::array();
  std::vector<const Backup*> kept_;
  prism::drivers::Unneeded swept_;
};

/// Why no complete backup is removed; empty: there is no such reason.
std::string trouble_of(const std::vector<Backup>& backups) {
  const Backup* const failed = prism::backup::newest_that_failed(backups);
  if (failed == nullptr) return {};
  return fmt::format("the newest backup {} is {}: no complete one is removed until one succeeds",
                     failed->id, state_name(failed->state));
}

int prune(const Options& options, Session& session) {
  const auto repository = session.open_repository();
  auto context = session.context();
  RepositoryLock lock(*repository, "backup prune", session.lock_wait(), context);
  const auto now = std::chrono::system_clock::now();
  const auto backups = list_backups(*repository);
  const auto decisions =
      decide(backups, options.policy, now, prism::backup::list_proofs(*repository));
  const auto future =
      prism::backup::warning_of_future(backups.empty() ? "" : backups.back().id, now);
  if (future) session.log().warning(*future);
  const std::string trouble = trouble_of(backups);
  if (!trouble.empty()) session.log().error(trouble);
  Pruner pruner(options, *repository, session);
  lock.guard([&](prism::Context& held) {
    for (const auto& decision : decisions) {
      held.cancel.check();
      pruner.carry_out(decision);
    }
    pruner.sweep(held.cancel);
    if (options.dry_run) return;
    repository->remove_leftovers(now - std::chrono::hours(24));
    prism::backup::remove_old_proofs(*repository, now);
  });
  if (session.output().json()) {
    session.output().document({{"command", "backup prune"},
                               {"dry_run", options.dry_run},
                               {"trouble", trouble.empty() ? Json() : Json(trouble)},
                               {"swept", pruner.swept()},
                               {"backups", pruner.json()}});
  }
  return trouble.empty() ? 0 : 1;
}

int set_pin(const Options& options, Session& session, bool pinned) {
  const auto repository = session.open_repository();
  const std::string id = find_backup(*repository, options.verify.ids.at(0)).id;
  (pinned ? prism::backup::pin : prism::backup::unpin)(*repository, id);
  if (session.output().json()) {
    session.output().document(
        {{"command", pinned ? "backup pin" : "backup unpin"}, {"id", id}, {"pinned", pinned}});
  }
  session.output().line(fmt::format("backup {}: {}", id, pinned ? "pinned" : "no longer pinned"));
  return 0;
}

// ---- options ------------------------------------------------------------------------------------

void add_policy(CLI::App& app, Options& options) {
  const auto add = [&](const char* flag, std::optional<std::size_t>& into, const char* help) {
    app.add_option_function<std::size_t>(
           flag, [&into](std::size_t n) { into = n; }, help)
        ->check(CLI::Range(0, 100'000).description(""))
        ->type_name("N");
  };
  auto& policy = options.policy;
  add("--keep-last", policy.last, "The N newest");
  add("--keep-days", policy.days, "All of the last N days");
  add("--keep-daily", policy.daily, "The newest of each of N days");
  add("--keep-weekly", policy.weekly, "The newest of each of N weeks");
  add("--keep-monthly", policy.monthly, "The newest of each of N months");
}

void add_actions(CLI::App& app, const std::shared_ptr<Options>& options) {
  add_action(app, options, "list", "Show the backups that there are", list);
  auto* verify = add_action(
      app, options, "verify", "Read backups back and check them",
      [](const Options& asked, Session& session) { return verify_backups(asked.verify, session); });
  verify->add_option("ID", options->verify.ids,
                     "Which, or as much of an id as is enough (default: latest)");
  verify->add_flag("--all", options->verify.all, "All that there are");
  verify->add_flag("--restore-test", options->verify.restore_test,
                   "Restore into temporary targets, compare, and leave a report");
  auto* prune_app =
      add_action(app, options, "prune", "Remove backups that a policy doesn't keep", prune);
  add_policy(*prune_app, *options);
  prune_app->add_flag("--dry-run", options->dry_run,
                      "Say what would be removed, and remove nothing");
  for (const bool pinned : {true, false}) {
    add_action(app, options, pinned ? "pin" : "unpin",
               pinned ? "Keep a backup whatever the policy" : "Leave it to the policy again",
               [pinned](const Options& asked, Session& session) {
                 return set_pin(asked, session, pinned);
               })
        ->add_option("ID", options->verify.ids, "Which")
        ->required()
        ->expected(1);
  }
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->action = make;
  app.require_subcommand(0, 1);
  app.add_option("--target", options->targets, "Only this one; may be repeated")->type_name("NAME");
  add_choice(app, "--type", "logical|full|delta|wal", "What is copied (default: logical)",
             [options](std::size_t chosen) { options->set.type = BackupType(chosen); });
  app.add_option("--jobs", options->set.jobs, "How many at a time (default: 2)")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N");
  app.add_option("--compress-level", options->set.level, "Of zstd: 1 to 19 (default: 3)")
      ->check(CLI::Range(1, 19).description(""))
      ->type_name("N");
  app.add_option("--compress-threads", options->set.threads,
                 "That compress each target (default: 2)")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N");
  add_actions(app, options);
  return [options](Session& session) {
    if (options->verify.ids.empty()) options->verify.ids = {"latest"};
    return options->action(*options, session);
  };
}

}  // namespace

Command backup_command() {
  return {.name = "backup",
          .summary = "Back up all targets as one set; list, verify and prune the sets",
          .examples =
              "prismctl backup --env-file .env --repository /backups\n"
              "prismctl backup verify --all\n"
              "prismctl backup prune --keep-last 7 --keep-days 30",
          .add = add,
          .audited = true,
          .pinged = "backup,backup verify,backup prune"};
}

}  // namespace prismctl
