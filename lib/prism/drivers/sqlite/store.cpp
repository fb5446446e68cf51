#include <sqlite3.h>

#include <prism/base/lock.hpp>
#include <prism/drivers/sqlite/fact_reader.hpp>
#include <prism/drivers/sqlite/history.hpp>
#include <prism/drivers/sqlite/load.hpp>
#include <prism/drivers/sqlite/registry.hpp>
#include <prism/drivers/sqlite/schema.hpp>
#include <prism/drivers/sqlite/store.hpp>

namespace prism::sqlite {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& store) {
  return store.string() + ".lock";
}

class SqliteLock : public store::RunLock {
 public:
  SqliteLock(const std::filesystem::path& store, std::string_view purpose,
             std::chrono::seconds wait, const Cancel& cancel)
      : lock_(lock_file(store), purpose, wait, cancel) {}

 private:
  FileLock lock_;
};

class SqliteStore : public store::FactStore {
 public:
  SqliteStore(Options options, const Cancel& cancel)
      : cancel_(cancel),
        writable_(options.access != Access::read),
        database_(std::move(options), cancel),
        registry_(database_),
        history_(database_) {
    database_.execute("PRAGMA synchronous = FULL");
    database_.execute("PRAGMA cache_size = -65536");
  }

  store::StoreInfo info() override {
    require_newest(database_);
    store::StoreInfo info;
    info.kind = "SQLite";
    info.version = sqlite3_libversion();
    info.location = database_.file().string();
    info.lock_owner = FileLock::owner(lock_file(database_.file()));
    info.facts = static_cast<std::uint64_t>(database_.integer("SELECT count(*) FROM fact"));
    info.entities = static_cast<std::uint64_t>(database_.integer("SELECT count(*) FROM entity"));
    info.watermark = database_.integer("SELECT value FROM store_meta WHERE key = 'watermark'");
    return info;
  }

  store::Schema schema() override { return read_schema(database_); }
  void migrate(std::optional<store::Version> to) override { sqlite::migrate(database_, to); }

  std::unique_ptr<store::RunLock> lock(std::string_view purpose,
                                       std::chrono::seconds wait) override {
    return std::make_unique<SqliteLock>(database_.file(), purpose, wait, cancel_);
  }

  std::unique_ptr<store::Load> begin_load(store::OnConflict on_conflict) override {
    require_newest(database_);
    return std::make_unique<SqliteLoad>(database_, on_conflict);
  }

  std::unique_ptr<store::FactReader> read_facts() override {
    // The reader must not stand in the way of a cache in the same file.
    if (writable_) enable_readers(database_);
    return std::make_unique<SqliteFactReader>(database_.file(), cancel_);
  }

  uid::Registry& uids() override { return registry_; }
  store::RunHistory& history() override { return history_; }

 private:
  const Cancel& cancel_;
  bool writable_;
  Database database_;
  SqliteRegistry registry_;
  SqliteHistory history_;
};

}  // namespace

std::unique_ptr<store::FactStore> open_store(Options options, const Cancel& cancel) {
  return std::make_unique<SqliteStore>(std::move(options), cancel);
}

}  // namespace prism::sqlite
