#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/audit_reader.hpp>

#include "command.hpp"

namespace prismctl {
namespace {

using prism::setup::AuditRecord;

struct Options {
  std::string since;
};

std::optional<prism::setup::Moment> since_of(const Options& options) {
  if (options.since.empty()) return {};
  const auto since = prism::setup::parse_since(options.since, std::chrono::system_clock::now());
  if (since) return since;
  throw prism::Error(prism::ErrorCode::usage,
                     "--since: found " + prism::in_quotes(options.since) +
                         ", expected a time such as 2026-11-21T10:15:00Z or 2026-11-21, or how "
                         "long ago, such as 7d, 24h or 30m");
}

std::string targets_of(const AuditRecord& record) {
  return fmt::format("{}", fmt::join(record.entry.targets, ", "));
}

/// The columns are as wide as they mostly are: the whole file is never held.
bool show_line(const AuditRecord& record) {
  const auto& entry = record.entry;
  std::string what = targets_of(record);
  if (!entry.error.empty()) what += (what.empty() ? "" : ": ") + entry.error;
  return Output::write(fmt::format("{:<20}  {:<20}  {:<14}  {:<10}  {:>8.2f}  {}\n", entry.started,
                                   record.user + "@" + record.host, entry.command, record.result,
                                   entry.seconds, what));
}

Json to_json(const AuditRecord& record) {
  const auto& entry = record.entry;
  return {
      {"time", entry.started},        {"user", record.user},
      {"host", record.host},          {"run", entry.run},
      {"command", entry.command},     {"targets", entry.targets},
      {"exit_code", entry.exit_code}, {"result", record.result},
      {"seconds", entry.seconds},     {"error", entry.error.empty() ? Json() : Json(entry.error)}};
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// One document, written as the lines come, and begun once the file could be opened.
void list_as_json(const std::string& file, const Options& options, Session& session) {
  const std::string begin =
      "{\n  \"schema\": 1,\n  \"command\": \"audit list\",\n  \"file\": " + text_of(file) +
      ",\n  \"entries\": [";
  bool any = false;
  prism::setup::read_audit(
      file, since_of(options),
      [&](const AuditRecord& record) {
        const std::string before = any ? "," : begin;
        any = true;
        return Output::write(before + "\n    " + text_of(to_json(record)));
      },
      session.log());
  Output::write(any ? "\n  ]\n}\n" : begin + "]\n}\n");
}

void list_as_table(const std::string& file, const Options& options, Session& session) {
  bool any = false;
  prism::setup::read_audit(
      file, since_of(options),
      [&](const AuditRecord& record) {
        if (!any) {
          Output::write(fmt::format("{:<20}  {:<20}  {:<14}  {:<10}  {:>8}  {}\n", "TIME", "WHO",
                                    "COMMAND", "RESULT", "SECONDS", "WHAT"));
        }
        any = true;
        return show_line(record);
      },
      session.log());
  if (!any) session.output().line(file + ": no such lines");
}

int list(const Options& options, Session& session) {
  const std::string& file = session.settings().text(prism::config::Setting::audit_log);
  if (file.empty()) {
    throw prism::Error(prism::ErrorCode::configuration, "no audit file is configured",
                       "name it with --audit-log");
  }
  since_of(options);
  (session.output().json() ? list_as_json : list_as_table)(file, options, session);
  return 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  CLI::App* const list_app =
      app.add_subcommand("list", "Show who changed what, and when")->fallthrough();
  list_app
      ->add_option("--since", options->since,
                   "Not what is older: a time, a date, or how long ago, such as 7d or 24h")
      ->type_name("TIME");
  return [options](Session& session) { return list(*options, session); };
}

}  // namespace

Command audit_command() {
  return {.name = "audit",
          .summary = "Show the audit trail: a line for each command that changed something",
          .examples = "prismctl audit list --since 7d\nprismctl audit list --json",
          .add = add};
}

}  // namespace prismctl
