#include <optional>

#include <doctest/doctest.h>

#include <prism/uid/registry.hpp>
#include <prism/uid/uid.hpp>

namespace prism {

TEST_CASE("uid: UIDs are read in every form that tables use") {
  struct Row {
    const char* text;
    Uid uid;
  };
  const Row rows[] = {
      {"1", 1},
      {"910036", 910036},
      {"910036.0", 910036},
      {"910036.000", 910036},
      {"910,036", 910036},
      {"1,234", 1234},
      {"12,345,678", 12345678},
      {"910,036.0", 910036},
      {" \t910036\r\n", 910036},
      {"\xC2\xA0"
       "5",
       5},
      {"007", 7},
      {"9007199254740992", 9007199254740992},
      {"9,007,199,254,740,992", 9007199254740992},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_uid(row.text) == row.uid);
  }
  CHECK(kGreatestUid == 9007199254740992);
}

TEST_CASE("uid: what is no UID is not read") {
  for (const char* text : {"",
                           " ",
                           "0",
                           "0.0",
                           "000",
                           "-1",
                           "+1",
                           "1,1",
                           "1,23",
                           "1,2345",
                           "1234,567",
                           ",123",
                           "123,",
                           "1,,234",
                           "1,234,56",
                           "91,0036",
                           "1.",
                           ".0",
                           "1.5",
                           "1.0.0",
                           "1 234",
                           "1e3",
                           "0x1",
                           "abc",
                           "12a",
                           "1,23a",
                           "9007199254740993",
                           "9,007,199,254,740,993",
                           "99999999999999999999999",
                           "910.036,0",
                           "\xD9\xA1"}) {
    CAPTURE(text);
    CHECK(parse_uid(text) == std::nullopt);
  }
}

}  // namespace prism

namespace prism::uid {

TEST_CASE("uid: kinds have names and ranges that touch") {
  const Limits limits{100, 1000, 2000};
  CHECK(kind_name(Kind::entity) == "entity");
  CHECK(kind_name(Kind::fact) == "fact");
  CHECK(limits.temporary(99));
  CHECK_FALSE(limits.temporary(100));
  CHECK(limits.begin(Kind::entity) == 1000);
  CHECK(limits.end(Kind::entity) == limits.begin(Kind::fact));
  CHECK(limits.end(Kind::fact) == kGreatestUid + 1);
}

TEST_CASE("uid: the highest UID is kept for each range") {
  const Limits limits{100, 1000, 2000};
  Highest highest;
  for (const Uid uid : {999, 1000, 1999, 1500, 2000, 2500, 2400}) highest.meet(uid, limits);
  CHECK(highest.of(Kind::entity) == 1999);
  CHECK(highest.of(Kind::fact) == 2500);
  Highest other;
  other.meet(999, limits);
  CHECK(other.of(Kind::entity) == 0);
  CHECK(other.of(Kind::fact) == 0);
  other.meet(highest);
  highest.meet({1000, 3000});
  CHECK(other.of(Kind::entity) == 1999);
  CHECK(highest.of(Kind::entity) == 1999);
  CHECK(highest.of(Kind::fact) == 3000);
}

}  // namespace prism::uid
