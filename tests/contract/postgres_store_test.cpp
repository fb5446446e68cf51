#include <prism/drivers/drivers.hpp>

#include "contract/fact_store.hpp"
#include "support/postgres.hpp"
#include "support/quiet.hpp"
#include "support/services.hpp"

namespace prism {
namespace {

/// A store in a database of its own.
class PostgresStore : public contract::StoreFixture {
 public:
  explicit PostgresStore(const std::string& server)
      : url_(test::with_database(server, database_.name())) {
    connect(Access::create)->migrate();
  }

  std::unique_ptr<store::FactStore> open() override { return connect(Access::write); }

  std::map<Uid, std::string> names() override {
    std::map<Uid, std::string> names;
    for (const auto& row : database_.rows("SELECT uid, coalesce(name, '') FROM prism.entity")) {
      names[std::stoll(row[0])] = row[1];
    }
    return names;
  }

  void make_newer() override {
    database_.execute(
        "INSERT INTO prism.schema_migration (version, name, checksum) VALUES "
        "(999, 'of the future', '')");
  }

 private:
  std::unique_ptr<store::FactStore> connect(Access access) {
    return drivers::open_store({.url = url_, .access = access}, quiet_.log(), quiet_.cancel());
  }

  test::PostgresDatabase database_;
  std::string url_;
  test::Quiet quiet_;
};

void check(const char* server, void (*check)(contract::StoreFixture&)) {
  if (!test::has_service("PRISM_TEST_POSTGRES") || !test::has_service(server)) return;
  PostgresStore fixture(*test::service(server));
  check(fixture);
}

}  // namespace

#define CASE(name, words)                                                                     \
  TEST_CASE("contract: postgresql: " words) { check("PRISM_TEST_POSTGRES", contract::name); } \
  TEST_CASE("contract: pgbouncer: " words) { check("PRISM_TEST_PGBOUNCER", contract::name); }
PRISM_FACT_STORE_CONTRACT(CASE)
#undef CASE

}  // namespace prism
