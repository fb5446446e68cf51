#include "contract/component.hpp"

#include <doctest/doctest.h>

#include <prism/base/error.hpp>

#include "support/memory_artifacts.hpp"
#include "support/thrown.hpp"

namespace prism::contract {
namespace {

using test::MemoryArtifacts;

MemoryArtifacts dumped(ComponentFixture& fixture) {
  MemoryArtifacts artifacts;
  fixture.open()->dump(artifacts);
  REQUIRE_FALSE(artifacts.content.empty());
  return artifacts;
}

}  // namespace

void check_dump_and_restore(ComponentFixture& fixture) {
  const std::string before = fixture.state();
  MemoryArtifacts artifacts = dumped(fixture);
  CHECK(fixture.state() == before);
  fixture.change();
  REQUIRE(fixture.state() != before);
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == before);
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == before);
}

void check_restore_of_what_is_gone(ComponentFixture& fixture) {
  const std::string before = fixture.state();
  MemoryArtifacts artifacts = dumped(fixture);
  CHECK(fixture.open()->present(prism::backup::Look::glance).has_value());
  fixture.remove();
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::counted).has_value());
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::glance).has_value());
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == before);
}

void check_restore_of_what_is_damaged(ComponentFixture& fixture) {
  const std::string before = fixture.state();
  MemoryArtifacts artifacts = dumped(fixture);
  if (!fixture.damage()) return;
  CHECK(fixture.open()->present(prism::backup::Look::counted).has_value());
  MemoryArtifacts none;
  CHECK_THROWS_AS(fixture.open()->dump(none), Error);
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == before);
}

void check_counts(ComponentFixture& fixture) {
  MemoryArtifacts artifacts;
  const auto present = fixture.open()->present(prism::backup::Look::counted);
  REQUIRE(present.has_value());
  CHECK_FALSE(present->counts.empty());
  const auto content = fixture.open()->dump(artifacts);
  CHECK(content.counts == present->counts);
  CHECK_FALSE(content.version.empty());
  CHECK(fixture.open()->check(artifacts).counts == content.counts);
  fixture.change();
  CHECK(fixture.open()->restore(artifacts).counts == content.counts);
}

void check_damaged_artifacts(ComponentFixture& fixture) {
  MemoryArtifacts whole = dumped(fixture);
  fixture.change();
  const std::string before = fixture.state();
  for (const auto& [name, bytes] : whole.content) {
    CAPTURE(name);
    for (const std::size_t size : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      CAPTURE(size);
      MemoryArtifacts cut = whole;
      cut.content[name].resize(size);
      CHECK(test::thrown_by([&] { fixture.open()->check(cut); }).code == ErrorCode::bad_data);
      CHECK(fixture.state() == before);
    }
  }
  MemoryArtifacts none;
  CHECK(test::thrown_by([&] { fixture.open()->check(none); }).code == ErrorCode::bad_data);
}

void check_missing_target(ComponentFixture& fixture) {
  fixture.remove();
  MemoryArtifacts artifacts;
  const auto missing = test::thrown_by([&] { fixture.open()->dump(artifacts); });
  CHECK(missing.code == ErrorCode::input_missing);
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::counted).has_value());
}

}  // namespace prism::contract
