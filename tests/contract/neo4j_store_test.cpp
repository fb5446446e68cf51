#include <prism/drivers/drivers.hpp>

#include "contract/fact_store.hpp"
#include "support/neo4j.hpp"
#include "support/services.hpp"

namespace prism {
namespace {

/// The graph of the server that the tests share.
class Neo4jStore : public contract::StoreFixture {
 public:
  Neo4jStore() { connect(Access::create)->migrate(); }

  std::unique_ptr<store::FactStore> open() override { return connect(Access::write); }

  /// The graph holds no names: they are those of the facts, by the words of DESIGN section 5.
  std::map<Uid, std::string> names() override {
    std::map<Uid, std::string> names;
    const auto rows = database_.rows(
        "MATCH (e:Entity) "
        "CALL { WITH e MATCH (f:Fact) WHERE f.lh_object_uid = e.uid AND f.rel_type_uid = 1146 "
        "AND f.lh_object_name <> '' RETURN f.lh_object_name AS name, 0 AS rank, f.fact_uid AS fact "
        "UNION WITH e MATCH (f:Fact) WHERE f.rh_object_uid = e.uid AND f.rh_object_name <> '' "
        "RETURN f.rh_object_name AS name, 1 AS rank, f.fact_uid AS fact "
        "UNION WITH e MATCH (f:Fact) WHERE f.lh_object_uid = e.uid AND f.lh_object_name <> '' "
        "RETURN f.lh_object_name AS name, 2 AS rank, f.fact_uid AS fact "
        "UNION WITH e RETURN '' AS name, 3 AS rank, 0 AS fact } "
        "WITH e, name ORDER BY rank, fact RETURN e.uid, head(collect(name))");
    for (const auto& row : rows) {
      names[*row[0].get<std::int64_t>()] = *row[1].get<std::string>();
    }
    return names;
  }

  void make_newer() override { database_.execute("MATCH (s:PrismStore) SET s.version = 999"); }
  bool reads_one_moment() const override { return false; }

 private:
  std::unique_ptr<store::FactStore> connect(Access access) {
    return drivers::open_store(
        {.url = database_.url(), .access = access, .servers = {.neo4j = test::neo4j_settings()}},
        database_.quiet().log(), database_.quiet().cancel());
  }

  test::Neo4jDatabase database_{test::Neo4jDatabase::Rules::left};
};

void check(void (*check)(contract::StoreFixture&)) {
  if (!test::has_service("PRISM_TEST_NEO4J")) return;
  Neo4jStore fixture;
  check(fixture);
}

}  // namespace

#define CASE(name, words) \
  TEST_CASE("contract: neo4j: " words) { check(contract::name); }
PRISM_FACT_STORE_CONTRACT(CASE)
#undef CASE

}  // namespace prism
