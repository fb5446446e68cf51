#include <type_traits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/component.hpp>
#include <prism/drivers/neo4j/graph_dump.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/graph_restore.hpp>
#include <prism/drivers/neo4j/graph_survey.hpp>
#include <prism/drivers/neo4j/offline_dump.hpp>
#include <prism/drivers/neo4j/restore_record.hpp>

namespace prism::neo4j {
namespace {

using backup::ArtifactReader;
using backup::ArtifactWriter;
using backup::Content;

/// Whether they are what a dump_command has written.
bool is_store(const ArtifactReader& artifacts) {
  return artifacts.names() == std::vector<std::string>{kStoreArtifact};
}

class Neo4jComponent : public backup::Component {
 public:
  Neo4jComponent(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), connections_(options_.connections, log, cancel) {}

  std::string location() const override { return connections_.address().text(); }

  std::optional<Content> present(backup::Look) override {
    require_all_made();
    const auto found = unless_down([&] { return count_graph(connections_); });
    if (!found) return Content();  // who knows what it holds
    const auto& counts = found->counts;
    // Two indexes, of labels and of types, are in every database.
    const bool empty =
        counts.at("nodes") == 0 && counts.at("constraints") == 0 && counts.at("indexes") <= 2;
    if (empty) return {};
    return found;
  }

  Content dump(ArtifactWriter& artifacts) override {
    if (options_.dump_command.empty()) return dump_graph(connections_, artifacts);
    return dump_store(options_.dump_command, artifacts, connections_.cancel());
  }

  Content check(ArtifactReader& artifacts) override {
    if (is_store(artifacts)) return check_store(artifacts, connections_.cancel());
    return survey_graph(artifacts, connections_.cancel()).content();
  }

  void require_restorable(ArtifactReader& artifacts) override {
    if (!is_store(artifacts)) return require_edition(connections_, artifacts);
    if (!options_.load_command.empty()) return;
    throw Error(ErrorCode::configuration,
                location() + ": a dump of the server's own is loaded by a command, but none is set",
                "set targets.NAME.load_command in the config file");
  }

  Content restore(ArtifactReader& artifacts) override {
    was_restored_ = true;
    unmade_.clear();
    if (!is_store(artifacts)) {
      Content content =
          restore_graph(connections_, artifacts,
                        options_.is_scratch ? RestoreRecord::kept : RestoreRecord::removed);
      unmade_ = content.left_out;
      return content;
    }
    require_restorable(artifacts);
    return load_store(options_.load_command, artifacts, connections_.cancel());
  }

  bool restores_checked() const override { return true; }
  std::optional<std::string> unfinished() override {
    const auto found = unless_down([&] { return read_restore_record(connections_); });
    return found ? *found : std::nullopt;
  }

 private:
  /// What is loaded while the server is stopped is wanted just when its store is broken: then it
  /// can't be asked, which must not end a restore before it begins. Nothing: it is down.
  template <typename Ask>
  std::optional<std::invoke_result_t<Ask>> unless_down(Ask&& ask) const {
    try {
      return ask();
    } catch (const Error& e) {
      connections_.cancel().check();
      const bool is_down = e.code() == ErrorCode::unavailable;
      if (!is_down || options_.load_command.empty() || was_restored_) throw;
      return {};
    }
  }

  /// Told by who looks at the target after a restore. Thrown by the restore itself, it would keep
  /// those of the targets behind it from theirs, each time.
  void require_all_made() const {
    if (unmade_.empty()) return;
    throw Error(ErrorCode::critical,
                fmt::format("all nodes and relationships are there, but not {}; the graph was "
                            "changed while it was dumped",
                            fmt::join(unmade_, ", nor ")),
                "remove what it forbids, then make it");
  }

  ComponentOptions options_;
  Connections connections_;
  bool was_restored_ = false;
  std::vector<std::string> unmade_;  ///< constraints that the last restore left out
};

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<Neo4jComponent>(std::move(options), log, cancel);
}

}  // namespace prism::neo4j
