#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/uid/registry.hpp>

#include "command.hpp"
#include "console/table.hpp"
#include "options.hpp"

namespace prismctl {
namespace {

using prism::with_separators;
using prism::uid::Kind;
using prism::uid::kind_name;

struct Options {
  bool reserve = false;
  Kind kind = Kind::entity;
  std::uint64_t count = 1;
};

int show(Session& session) {
  session.forgo_audit();
  const auto store = session.open_store(prism::Access::read);
  const auto ranges = store->uids().ranges(session.settings().uid_limits());
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows{{"KIND", "NEXT", "LEFT"}};
  for (const auto& range : ranges) {
    json.push_back({{"kind", kind_name(range.kind)}, {"next", range.next}, {"left", range.left}});
    rows.push_back({std::string(kind_name(range.kind)), std::to_string(range.next),
                    with_separators(range.left)});
  }
  if (session.output().json()) {
    session.output().document({{"command", "uid show"}, {"ranges", json}});
  }
  for (const std::string& line : table_lines(rows)) session.output().line(line);
  return 0;
}

int reserve(const Options& options, Session& session) {
  const auto store = session.open_store(prism::Access::create);
  store->migrate();
  const auto range =
      store->uids().reserve(options.kind, options.count, session.settings().uid_limits(), {});
  const prism::Uid last = range.first + static_cast<prism::Uid>(range.count) - 1;
  if (session.output().json()) {
    session.output().document({{"command", "uid reserve"},
                               {"kind", kind_name(options.kind)},
                               {"first", range.first},
                               {"last", last},
                               {"count", range.count}});
  }
  session.output().line(fmt::format("{} {}", range.first, last));
  return 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  app.add_subcommand("show", "Show which UIDs are free")->fallthrough();
  CLI::App* reserve_app =
      app.add_subcommand("reserve", "Take UIDs, print the first and the last")->fallthrough();
  add_choice(*reserve_app, "--kind", "entity|fact", "For what they are",
             [options](std::size_t chosen) { options->kind = prism::uid::kKinds[chosen]; })
      ->required();
  reserve_app->add_option("-n,--count", options->count, "How many (default: 1)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 53).description(""))
      ->type_name("N");
  reserve_app->callback([options] { options->reserve = true; });
  return [options](Session& session) {
    return options->reserve ? reserve(*options, session) : show(session);
  };
}

}  // namespace

Command uid_command() {
  return {.name = "uid",
          .summary = "Show and reserve ranges of UIDs",
          .examples = "prismctl uid show\nprismctl uid reserve --kind fact -n 100",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
