#include <doctest/doctest.h>

#include "contract/component.hpp"
#include "support/postgres_target.hpp"
#include "support/services.hpp"

namespace prism {
namespace {

void check(void (*check)(contract::ComponentFixture&)) {
  if (!test::has_service("PRISM_TEST_POSTGRES")) return;
  test::PostgresTarget fixture;
  check(fixture);
}

}  // namespace

#define CASE(name, words) \
  TEST_CASE("contract: postgresql target: " words) { check(contract::name); }
PRISM_COMPONENT_CONTRACT(CASE)
#undef CASE

}  // namespace prism
