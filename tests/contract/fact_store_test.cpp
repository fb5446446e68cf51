#include "contract/fact_store.hpp"

#include <sqlite3.h>

#include <prism/drivers/drivers.hpp>

#include "support/quiet.hpp"
#include "support/temporary.hpp"

namespace prism {
namespace {

class SqliteStore : public contract::StoreFixture {
 public:
  SqliteStore() { connect(Access::create)->migrate(); }

  std::unique_ptr<store::FactStore> open() override { return connect(Access::write); }

  std::map<Uid, std::string> names() override {
    std::map<Uid, std::string> names;
    const auto take = [](void* into, int, char** values, char**) {
      (*static_cast<std::map<Uid, std::string>*>(into))[std::stoll(values[0])] =
          values[1] == nullptr ? "" : values[1];
      return 0;
    };
    execute("SELECT uid, name FROM entity", take, &names);
    return names;
  }

  void make_newer() override { execute("PRAGMA user_version = 999", nullptr, nullptr); }

 private:
  std::unique_ptr<store::FactStore> connect(Access access) {
    return drivers::open_store({.url = (folder_ / "prism.db").string(), .access = access},
                               quiet_.log(), quiet_.cancel());
  }

  void execute(const char* sql, int (*take)(void*, int, char**, char**), void* into) {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open((folder_ / "prism.db").c_str(), &connection) == SQLITE_OK);
    const int result = sqlite3_exec(connection, sql, take, into, nullptr);
    sqlite3_close(connection);
    REQUIRE(result == SQLITE_OK);
  }

  test::Folder folder_;
  test::Quiet quiet_;
};

}  // namespace

#define CASE(check, words)                \
  TEST_CASE("contract: sqlite: " words) { \
    SqliteStore fixture;                  \
    contract::check(fixture);             \
  }
PRISM_FACT_STORE_CONTRACT(CASE)
#undef CASE

}  // namespace prism
