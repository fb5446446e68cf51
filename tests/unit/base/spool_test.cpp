#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/base/spool.hpp>

namespace prism {
namespace {

std::vector<std::string> entries_of(Spool& spool) {
  std::vector<std::string> all;
  spool.each([&](std::string_view entry) { all.emplace_back(entry); });
  return all;
}

}  // namespace

TEST_CASE("base: a spool gives back its entries in their order, however often") {
  Spool spool;
  CHECK(entries_of(spool).empty());
  spool.add("one");
  spool.add("", "");
  spool.add("tw", "o");
  const std::vector<std::string> expected{"one", "", "two"};
  CHECK(entries_of(spool) == expected);
  CHECK(entries_of(spool) == expected);
  CHECK(spool.bytes() == 6);
}

TEST_CASE("base: a spool holds more than memory is meant for, and takes more after it was read") {
  Spool spool;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 3000; ++i) {
    expected.emplace_back(i, static_cast<char>('a' + i % 26));
    spool.add(std::string_view(expected.back()).substr(0, i / 2),
              std::string_view(expected.back()).substr(i / 2));
    if (i == 1000 || i == 2500) CHECK(entries_of(spool) == expected);
  }
  expected.emplace_back(5U << 20, 'x');  // larger than any block
  spool.add(expected.back());
  CHECK(entries_of(spool) == expected);
}

}  // namespace prism
