#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/fact_reader.hpp>
#include <prism/drivers/postgres/history.hpp>
#include <prism/drivers/postgres/load.hpp>
#include <prism/drivers/postgres/lock.hpp>
#include <prism/drivers/postgres/registry.hpp>
#include <prism/drivers/postgres/schema.hpp>
#include <prism/drivers/postgres/store.hpp>

namespace prism::postgres {
namespace {

/// `15.18`
std::string version_of(int number) {
  return fmt::format("{}.{}", number / 10'000, number % 10'000);
}

class PostgresStore : public store::FactStore {
 public:
  PostgresStore(const Options& options, Log& log, const Cancel& cancel)
      : connections_(options, log, cancel), registry_(connections_), history_(connections_) {
    const bool there = read_schema(connections_).version > 0;
    if (!there && options.access != Access::create) {
      throw Error(ErrorCode::input_missing,
                  connections_.address().location + ": there is no store in schema " +
                      connections_.address().schema,
                  "prismctl seed makes one");
    }
  }

  store::StoreInfo info() override {
    require_newest(connections_);
    store::StoreInfo info;
    info.kind = "PostgreSQL";
    info.location = connections_.address().location;
    connections_.transact([&](pqxx::transaction_base& transaction) {
      const std::string& schema = connections_.schema();
      info.version = version_of(transaction.conn().server_version());
      info.lock_owner = run_lock_owner(transaction, connections_);
      const pqxx::row row = transaction.exec1(
          fmt::format("SELECT (SELECT count(*) FROM {0}.fact), (SELECT count(*) FROM {0}.entity), "
                      "(SELECT value FROM {0}.store_meta WHERE key = 'watermark')",
                      schema));
      info.facts = row[0].as<std::uint64_t>();
      info.entities = row[1].as<std::uint64_t>();
      info.watermark = row[2].as<std::int64_t>();
    });
    return info;
  }

  store::Schema schema() override { return read_schema(connections_); }
  void migrate(std::optional<store::Version> to) override { postgres::migrate(connections_, to); }

  std::unique_ptr<store::RunLock> lock(std::string_view purpose,
                                       std::chrono::seconds wait) override {
    return lock_runs(connections_, purpose, wait);
  }

  std::unique_ptr<store::Load> begin_load(store::OnConflict on_conflict) override {
    require_newest(connections_);
    return std::make_unique<PostgresLoad>(connections_, registry_, on_conflict);
  }

  std::unique_ptr<store::FactReader> read_facts() override {
    require_newest(connections_);
    return std::make_unique<PostgresFactReader>(connections_);
  }

  uid::Registry& uids() override { return registry_; }
  store::RunHistory& history() override { return history_; }

 private:
  Connections connections_;
  PostgresRegistry registry_;
  PostgresHistory history_;
};

}  // namespace

std::unique_ptr<store::FactStore> open_store(Options options, Log& log, const Cancel& cancel) {
  return std::make_unique<PostgresStore>(options, log, cancel);
}

}  // namespace prism::postgres
