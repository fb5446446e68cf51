#include <exception>
#include <thread>

#include <prism/base/error.hpp>
#include <prism/base/queue.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/graph_digest.hpp>
#include <prism/drivers/neo4j/graph_dump.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/graph_restore.hpp>
#include <prism/drivers/neo4j/restore_record.hpp>
#include <prism/drivers/neo4j/scratch.hpp>

namespace prism::neo4j {
namespace {

/// A dump that is read while it is written, by a thread of its own.
class DumpedSource : public ByteSource {
 public:
  explicit DumpedSource(Connections& connections)
      : connections_(connections), thread_([this] { run(); }) {}
  ~DumpedSource() override {
    blocks_.close();
    thread_.join();
  }

  std::size_t read(std::span<char> into) override {
    if (at_ == block_.size()) {
      auto next = blocks_.pop();
      if (!next && failure_) std::rethrow_exception(failure_);
      block_ = next ? std::move(*next) : std::string();
      at_ = 0;
    }
    const std::size_t size = block_.copy(into.data(), into.size(), at_);
    at_ += size;
    return size;
  }

 private:
  class Sink : public ByteSink {
   public:
    explicit Sink(BoundedQueue<std::string>& blocks) : blocks_(blocks) {}
    void write(std::string_view bytes) override {
      if (bytes.empty()) return;
      if (!blocks_.push(std::string(bytes))) throw Error(ErrorCode::io, "nobody reads the dump");
    }
    void finish() override {}

   private:
    BoundedQueue<std::string>& blocks_;
  };

  class Writer : public backup::ArtifactWriter {
   public:
    explicit Writer(BoundedQueue<std::string>& blocks) : blocks_(blocks) {}
    std::unique_ptr<ByteSink> create(const std::string&) override {
      return std::make_unique<Sink>(blocks_);
    }

   private:
    BoundedQueue<std::string>& blocks_;
  };

  void run() noexcept {
    try {
      Writer writer(blocks_);
      dump_graph(connections_, writer);
    } catch (...) {
      failure_ = std::current_exception();
    }
    blocks_.close();
  }

  Connections& connections_;
  BoundedQueue<std::string> blocks_{4};
  std::exception_ptr failure_;  ///< written before the queue is closed, read after
  std::string block_;
  std::size_t at_ = 0;
  std::thread thread_;
};

std::vector<backup::Check> compared(const GraphDigests& stored, const GraphDigests& restored) {
  std::vector<backup::Check> checks{
      {"digest of the nodes", stored.nodes, restored.nodes},
      {"digest of the relationships", stored.relationships, restored.relationships},
      {"digest of the constraints and indexes", stored.rules, restored.rules}};
  if (!stored.connections.empty() && !restored.connections.empty()) {
    checks.push_back(
        {"digest of the relationships with their nodes", stored.connections, restored.connections});
  }
  return checks;
}

class ScratchGraph : public backup::ScratchTarget {
 public:
  ScratchGraph(const ComponentOptions& options, Log& log, const Cancel& cancel)
      : options_(options.connections),
        log_(log),
        cancel_(cancel),
        connections_(options_, log, cancel),
        component_(open_component(options, log, cancel)) {
    require_empty();
  }

  ~ScratchGraph() override {
    try {
      // Also when the test was interrupted: a new one has no signal yet.
      const Cancel never;
      Connections connections(options_, log_, never);
      empty_graph(connections);
    } catch (const std::exception& e) {
      // The record of the restore is still there: the next test does it.
      log_.warning(location() + " was not emptied after the restore test: " + e.what());
    }
  }

  std::string location() const override { return component_->location(); }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const auto stored = artifacts.open(kGraphArtifact);
    const GraphDigests expected = digest_graph(*stored, cancel_);
    DumpedSource restored(connections_);
    return {count_graph(connections_).counts, compared(expected, digest_graph(restored, cancel_))};
  }

 private:
  /// What has the record of a restore is what a test has left that was killed.
  void require_empty() {
    if (component_->unfinished()) return empty_graph(connections_);
    const auto there = component_->present(backup::Look::counted);
    if (!there) return;
    throw Error(ErrorCode::configuration,
                location() + ": the scratch graph is not empty: it has " +
                    with_separators(there->counts.at("nodes")) + " nodes",
                "a restore test would overwrite them; empty it if that is meant");
  }

  ConnectionsOptions options_;
  Log& log_;
  const Cancel& cancel_;
  Connections connections_;
  std::unique_ptr<backup::Component> component_;
};

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_graph(ComponentOptions options, Log& log,
                                                          const Cancel& cancel) {
  if (options.connections.address.endpoint.host.empty()) {
    throw Error(ErrorCode::configuration, "no server to restore it into",
                "Neo4j Community has one database: name a second server, that is empty, as "
                "targets.NAME.scratch in the config file");
  }
  // It would load into the target itself.
  options.load_command.clear();
  options.is_scratch = true;
  return std::make_unique<ScratchGraph>(options, log, cancel);
}

}  // namespace prism::neo4j
