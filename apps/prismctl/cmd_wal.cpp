#include "command.hpp"
#include "options.hpp"
#include "receive_wal.hpp"
#include "wal_files.hpp"
#include "wal_list.hpp"
#include "wal_system.hpp"

namespace prismctl {
namespace {

struct Options {
  WalPushOptions push;
  WalFetchOptions fetch;
  ReceiveWalOptions receive;
  WalListOptions list;
  std::function<int(const Options&, Session&)> action;
};

void add_push(CLI::App& app, const std::shared_ptr<Options>& options) {
  CLI::App* const push = add_action(
      app, options, "push", "Put a WAL file into the repository: archive_command",
      [](const Options& asked, Session& session) { return push_wal(asked.push, session); });
  push->add_option("PATH", options->push.file, "The file, as archive_command's %p names it")
      ->required();
  add_system(*push, options->push.system);
}

void add_fetch(CLI::App& app, const std::shared_ptr<Options>& options) {
  constexpr std::size_t kMost = 256;
  CLI::App* const fetch = add_action(
      app, options, "fetch",
      "Get a WAL file from the repository: restore_command. Ends with 1 only where it is not "
      "there, with 255 for whatever else goes wrong",
      [](const Options& asked, Session& session) { return fetch_wal(asked.fetch, session); });
  fetch->add_option("NAME", options->fetch.name, "Its name, restore_command's %f")->required();
  fetch->add_option("PATH", options->fetch.file, "The file to be made, restore_command's %p")
      ->required();
  fetch
      ->add_option("--prefetch", options->fetch.ahead,
                   "How many of the next segments are fetched in the background; 0: none "
                   "(default: 8, of segments larger than 16 MiB fewer)")
      ->check(CLI::Range(std::size_t{0}, kMost).description(""))
      ->type_name("N");
  add_system(*fetch, options->fetch.system);
}

void add_receive(CLI::App& app, const std::shared_ptr<Options>& options) {
  CLI::App* const receive = add_action(
      app, options, "receive",
      "Stream the WAL of servers, whose configuration needs no change, into the repository until "
      "ended by SIGTERM or SIGINT, which is no failure",
      [](const Options& asked, Session& session) { return receive_wal(asked.receive, session); });
  receive->add_option("--target", options->receive.targets, "Only this one; may be repeated")
      ->type_name("NAME");
  receive
      ->add_option("--slot", options->receive.slot,
                   "A replication slot, made where there is none, by which the server keeps what "
                   "was not received yet, however much that is")
      ->type_name("NAME");
  receive->add_flag("--once", options->receive.once,
                    "End once all is stored that was written before; the segment in use is ended "
                    "first where the user may do so");
}

void add_list(CLI::App& app, const std::shared_ptr<Options>& options) {
  CLI::App* const list = add_action(
      app, options, "list", "Show the WAL in the repository: timelines, and what is missing",
      [](const Options& asked, Session& session) { return list_wal(asked.list, session); });
  list->add_option("--system", options->list.system, "Only this cluster's")->type_name("ID");
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  add_push(app, options);
  add_fetch(app, options);
  add_receive(app, options);
  add_list(app, options);
  return [options](Session& session) { return options->action(*options, session); };
}

}  // namespace

Command wal_command() {
  return {.name = "wal",
          .summary = "Archive the WAL of PostgreSQL in the repository, and get it back",
          .examples =
              "archive_command = 'prismctl wal push %p --repository /backups'\n"
              "restore_command = 'prismctl wal fetch %f %p --repository /backups'\n"
              "prismctl wal receive --slot prismctl --env-file .env\n"
              "prismctl wal list",
          .add = add};
}

}  // namespace prismctl
