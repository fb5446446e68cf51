#include <map>
#include <string>

#include <doctest/doctest.h>

#include <prism/store/entity_names.hpp>

namespace prism::store {
namespace {

constexpr Uid kOther = 5138;

std::map<Uid, std::string> all_of(EntityNames& names) {
  std::map<Uid, std::string> all;
  Uid before = 0;
  for (const auto& entry : names.sorted()) {
    CHECK(entry.entity > before);
    before = entry.entity;
    all[entry.entity] = names.name(entry);
  }
  return all;
}

using Names = std::map<Uid, std::string>;

}  // namespace

TEST_CASE("store: an entity is named by the left name of its first specialization") {
  EntityNames names;
  names.add_fact(9, kSpecialization, 1, "late", 2, "thing");
  names.add_fact(3, kOther, 1, "left", 2, "thing");
  names.add_fact(5, kSpecialization, 1, "pump", 2, "thing");
  names.add_fact(7, kSpecialization, 1, "between", 2, "thing");
  names.add_fact(1, kOther, 8, "x", 1, "right");
  CHECK(all_of(names) == Names{{1, "pump"}, {2, "thing"}, {8, "x"}});
}

TEST_CASE("store: else by its first right name, else by its first left name") {
  EntityNames names;
  names.add_fact(2, kOther, 1, "first left", 3, "second right");
  names.add_fact(4, kOther, 1, "second left", 5, "x");
  names.add_fact(1, kOther, 6, "y", 3, "first right");
  names.add_fact(0, kOther, 3, "left of 3", 5, "earlier x");
  CHECK(all_of(names) == Names{{1, "first left"}, {3, "first right"}, {5, "earlier x"}, {6, "y"}});
}

TEST_CASE("store: the order in which facts are met makes no difference") {
  struct Fact {
    Uid fact, relation, left;
    const char* left_name;
    Uid right;
    const char* right_name;
  };
  const Fact facts[] = {{1, kOther, 1, "a", 2, "b"},
                        {2, kSpecialization, 1, "a longer name than before", 3, "c"},
                        {3, kSpecialization, 2, "", 3, "another c"},
                        {4, kOther, 3, "d", 1, "e"}};
  const Names expected{{1, "a longer name than before"}, {2, "b"}, {3, "c"}};
  for (std::size_t shift = 0; shift < 4; ++shift) {
    EntityNames forth, back;
    for (std::size_t i = 0; i < 4; ++i) {
      const Fact& f = facts[(i + shift) % 4];
      forth.add_fact(f.fact, f.relation, f.left, f.left_name, f.right, f.right_name);
      const Fact& b = facts[(7 - i - shift) % 4];
      back.add_fact(b.fact, b.relation, b.left, b.left_name, b.right, b.right_name);
    }
    CHECK(all_of(forth) == expected);
    CHECK(all_of(back) == expected);
  }
}

TEST_CASE("store: a qualification gives its left object no better name than other facts") {
  EntityNames names;
  names.add_fact(1, kQualification, 1, "left", 2, "x");
  names.add_fact(2, kOther, 3, "y", 1, "right");
  CHECK(all_of(names).at(1) == "right");
}

TEST_CASE("store: blank names name nothing, but the entity is there") {
  EntityNames names;
  names.add_fact(1, kSpecialization, 1, "", 2, "");
  names.add_fact(5, kOther, 1, "left", 3, "");
  CHECK(all_of(names) == Names{{1, "left"}, {2, ""}, {3, ""}});
  for (const auto& entry : names.sorted()) {
    CHECK((entry.source.role == NameSource::none) == (names.name(entry).empty()));
  }
}

TEST_CASE("store: an entity may be both objects of one fact") {
  EntityNames names;
  names.add_fact(1, kOther, 1, "left", 1, "right");
  names.add_fact(2, kSpecialization, 2, "left", 2, "right");
  CHECK(all_of(names) == Names{{1, "right"}, {2, "left"}});
}

TEST_CASE("store: names are kept for very many entities, while they improve") {
  EntityNames names;
  constexpr Uid kCount = 20'000;
  for (Uid i = 1; i <= kCount; ++i) {
    names.add_fact(i, kOther, i * 977, "", 1, "thing");
    names.add_fact(kCount + i, kOther, i * 977, "left name " + std::to_string(i), 1, "thing");
    names.add_fact(2 * kCount + i, kSpecialization, i * 977, "n" + std::to_string(i), 1, "thing");
  }
  const Names all = all_of(names);
  CHECK(all.size() == kCount + 1);
  bool right = true;
  for (Uid i = 1; i <= kCount; ++i) right = right && all.at(i * 977) == "n" + std::to_string(i);
  CHECK(right);
}

TEST_CASE("store: sources are better the lower they are") {
  CHECK(NameSource{NameSource::specialization, 9} < NameSource{NameSource::right, 1});
  CHECK(NameSource{NameSource::right, 9} < NameSource{NameSource::left, 1});
  CHECK(NameSource{NameSource::left, 9} < NameSource{NameSource::none, 1});
  CHECK(NameSource{NameSource::left, 1} < NameSource{NameSource::left, 2});
}

}  // namespace prism::store
