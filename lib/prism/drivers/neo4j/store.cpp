#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/fact_reader.hpp>
#include <prism/drivers/neo4j/history.hpp>
#include <prism/drivers/neo4j/load.hpp>
#include <prism/drivers/neo4j/lock.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/registry.hpp>
#include <prism/drivers/neo4j/schema.hpp>
#include <prism/drivers/neo4j/store.hpp>

namespace prism::neo4j {
namespace {

class Neo4jStore : public store::FactStore {
 public:
  Neo4jStore(Options options, Log& log, const Cancel& cancel)
      : load_via_(options.load_via),
        connections_(std::move(options.connections), log, cancel),
        registry_(connections_),
        history_(connections_) {
    if (options.access == Access::create || read_version(connections_) > 0) return;
    if (count("MATCH (f:Fact) RETURN count(f)") > 0) return;  // another program's
    throw Error(ErrorCode::input_missing,
                connections_.address().text() + ": there is no store in this database",
                "prismctl seed makes one");
  }

  store::StoreInfo info() override {
    require_newest(connections_);
    store::StoreInfo info;
    info.kind = "Neo4j";
    info.version = version();
    info.location = connections_.address().text();
    info.facts = count("MATCH (f:Fact) RETURN count(f)");
    info.entities = count("MATCH (e:Entity) RETURN count(e)");
    info.lock_owner = run_lock_owner(connections_);
    info.watermark = read_watermark(connections_);
    if (const auto load = unfinished_load(connections_)) info.unfinished_load = load->started;
    return info;
  }

  store::Schema schema() override { return read_schema(connections_); }
  void migrate(std::optional<store::Version> to) override { neo4j::migrate(connections_, to); }

  std::unique_ptr<store::RunLock> lock(std::string_view purpose,
                                       std::chrono::seconds wait) override {
    return lock_runs(connections_, purpose, wait);
  }

  std::unique_ptr<store::Load> begin_load(store::OnConflict on_conflict) override {
    require_newest(connections_);
    return std::make_unique<Neo4jLoad>(connections_, registry_, on_conflict, load_via_);
  }

  std::unique_ptr<store::FactReader> read_facts() override {
    require_newest(connections_);
    return std::make_unique<Neo4jFactReader>(connections_);
  }

  uid::Registry& uids() override { return registry_; }
  store::RunHistory& history() override { return history_; }

 private:
  std::uint64_t count(std::string_view cypher) {
    std::int64_t count = 0;
    connections_.transact(AccessMode::read, [&](Transaction& transaction) {
      count = integer_of(transaction, {cypher});
    });
    return static_cast<std::uint64_t>(count);
  }

  /// `5.26.30` of `Neo4j/5.26.30`
  std::string version() {
    const std::string server = connections_.take(AccessMode::read)->server();
    return server.substr(server.find('/') + 1);
  }

  LoadVia load_via_;
  Connections connections_;
  Neo4jRegistry registry_;
  Neo4jHistory history_;
};

}  // namespace

std::unique_ptr<store::FactStore> open_store(Options options, Log& log, const Cancel& cancel) {
  return std::make_unique<Neo4jStore>(std::move(options), log, cancel);
}

}  // namespace prism::neo4j
