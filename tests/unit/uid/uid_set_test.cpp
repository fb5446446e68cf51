#include <random>
#include <set>

#include <doctest/doctest.h>

#include <prism/uid/uid_set.hpp>

namespace prism::uid {

TEST_CASE("uid: a set knows what was inserted, in any order, and tells it ascending") {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<Uid> anywhere(1, kGreatestUid);
  std::uniform_int_distribution<Uid> close(2000000000, 2000100000);
  UidSet set;
  std::set<Uid> expected;
  for (int i = 0; i < 50000; ++i) {
    const Uid uid = i % 10 == 0 ? anywhere(random) : close(random);
    CHECK(set.insert(uid) == expected.insert(uid).second);
    CHECK(set.contains(uid));
  }
  CHECK_FALSE(set.insert(*expected.begin()));
  CHECK(set.size() == expected.size());
  std::vector<Uid> told;
  set.for_each([&](Uid uid) { told.push_back(uid); });
  CHECK(told == std::vector<Uid>(expected.begin(), expected.end()));
}

TEST_CASE("uid: a set takes UIDs from end to end of their range") {
  UidSet set;
  CHECK(set.empty());
  for (const Uid uid : {Uid{1}, Uid{65535}, Uid{65536}, kGreatestUid}) {
    CHECK_FALSE(set.contains(uid));
    CHECK(set.insert(uid));
    CHECK(set.contains(uid));
  }
  CHECK_FALSE(set.contains(2));
  CHECK(set.size() == 4);
}

}  // namespace prism::uid
