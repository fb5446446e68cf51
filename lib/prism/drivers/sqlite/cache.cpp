#include <charconv>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/cache.hpp>
#include <prism/drivers/sqlite/schema.hpp>

namespace prism::sqlite {
namespace {

using cache::Family;

std::string table_of(Family family) { return fmt::format("cache_{}", cache::family_name(family)); }

/// `[1146,730000]`
void write_json(std::string& out, std::span<const Uid> members) {
  out.assign("[");
  char number[24];
  for (const Uid member : members) {
    char* const end = std::to_chars(number, number + sizeof number, member).ptr;
    out.append(number, static_cast<std::size_t>(end - number));
    out += ',';
  }
  out.back() = ']';
}

std::vector<Uid> read_json(std::string_view json) {
  std::vector<Uid> members;
  const char* at = json.data() + 1;
  const char* const end = json.data() + json.size();
  while (at < end) {
    Uid member = 0;
    const auto parsed = std::from_chars(at, end, member);
    if (parsed.ec != std::errc()) break;
    members.push_back(member);
    at = parsed.ptr + 1;
  }
  return members;
}

class SqliteCache : public cache::CacheSink {
 public:
  SqliteCache(Options options, const Cancel& cancel) : database_(std::move(options), cancel) {
    require_ours(database_);
  }

  void begin(std::span<const Family> families) override {
    enable_readers(database_);
    transaction_.emplace(database_);
    create_tables();
    inserts_.resize(cache::kFamilies.size());
    for (const Family family : families) {
      database_.execute("DELETE FROM " + table_of(family));
      inserts_[static_cast<std::size_t>(family)].emplace(
          database_.prepare(fmt::format("INSERT INTO {} VALUES (?, ?)", table_of(family))));
    }
  }

  void put(Family family, Uid entity, std::span<const Uid> members) override {
    Statement& insert = *inserts_[static_cast<std::size_t>(family)];
    write_json(json_, members);
    insert.bind(1, entity);
    insert.bind(2, std::string_view(json_));
    insert.run();
  }

  void commit(const cache::Meta& meta) override {
    write_meta(meta);
    mark_as_ours(database_);
    inserts_.clear();
    transaction_->commit();
    transaction_.reset();
  }

  std::optional<cache::Meta> meta() override {
    if (!has_tables()) return std::nullopt;
    Statement row =
        database_.prepare("SELECT generation, started, finished, watermark FROM cache_meta");
    if (!row.step()) return std::nullopt;
    cache::Meta meta{
        row.integer(0), std::string(row.text(1)), std::string(row.text(2)), row.integer(3), {}};
    Statement counts = database_.prepare("SELECT keys, members FROM cache_count WHERE family = ?");
    for (const Family family : cache::kFamilies) {
      counts.bind(1, cache::family_name(family));
      if (counts.step()) {
        meta.count(family) = {static_cast<std::uint64_t>(counts.integer(0)),
                              static_cast<std::uint64_t>(counts.integer(1))};
      }
      counts.reset();
    }
    return meta;
  }

  std::vector<std::vector<Uid>> read_all(Family family, std::span<const Uid> entities) override {
    std::vector<std::vector<Uid>> all(entities.size());
    if (!has_tables()) return all;
    Statement row = database_.prepare(
        fmt::format("SELECT members FROM {} WHERE entity_uid = ?", table_of(family)));
    for (std::size_t i = 0; i < entities.size(); ++i) {
      const ResetOnExit reset(row);
      row.bind(1, entities[i]);
      if (row.step()) all[i] = read_json(row.text(0));
    }
    return all;
  }

  std::uint64_t keys(Family family) override {
    if (!has_tables()) return 0;
    return static_cast<std::uint64_t>(
        database_.integer("SELECT count(*) FROM " + table_of(family)));
  }

  std::string location() const override { return database_.file().string(); }

 private:
  bool has_tables() {
    return database_.integer(
               "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'cache_meta')") != 0;
  }

  void create_tables() {
    for (const Family family : cache::kFamilies) {
      database_.execute(
          fmt::format("CREATE TABLE IF NOT EXISTS {} "
                      "(entity_uid INTEGER PRIMARY KEY, members TEXT NOT NULL) "
                      "STRICT",
                      table_of(family)));
    }
    database_.execute(
        "CREATE TABLE IF NOT EXISTS cache_meta (generation INTEGER NOT NULL, started TEXT NOT "
        "NULL, finished TEXT NOT NULL, watermark INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS cache_count (family TEXT PRIMARY KEY, keys INTEGER NOT NULL, "
        "members INTEGER NOT NULL) STRICT, WITHOUT ROWID");
  }

  void write_meta(const cache::Meta& meta) {
    database_.execute("DELETE FROM cache_meta; DELETE FROM cache_count");
    Statement row = database_.prepare("INSERT INTO cache_meta VALUES (?, ?, ?, ?)");
    row.bind(1, meta.generation);
    row.bind(2, meta.started);
    row.bind(3, meta.finished);
    row.bind(4, meta.watermark);
    row.run();
    Statement count = database_.prepare("INSERT INTO cache_count VALUES (?, ?, ?)");
    for (const Family family : cache::kFamilies) {
      count.bind(1, cache::family_name(family));
      count.bind(2, static_cast<std::int64_t>(meta.count(family).keys));
      count.bind(3, static_cast<std::int64_t>(meta.count(family).members));
      count.run();
    }
  }

  Database database_;
  std::vector<std::optional<Statement>> inserts_;  ///< by family
  std::string json_;
  std::optional<Transaction> transaction_;
};

}  // namespace

std::unique_ptr<cache::CacheSink> open_cache(Options options, const Cancel& cancel) {
  return std::make_unique<SqliteCache>(std::move(options), cancel);
}

}  // namespace prism::sqlite
