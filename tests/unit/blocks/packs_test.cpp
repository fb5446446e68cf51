#include <prism/blocks/packs.hpp>

#include "unit/blocks/block_store.hpp"

namespace prism::blocks {

TEST_CASE("packs: those that nobody needs are removed, with their indexes") {
  test::Store store;
  const Written first = store.write(test::random_blocks(100, 1));
  const Written second = store.write(test::random_blocks(50, 2));
  const std::string kept = second.map.packs.at(0).id;
  const auto before = store.objects("blocks/");

  const Swept counted = remove_unneeded_packs(store.repository, {kept}, true, store.cancel);
  CHECK(counted.packs == 1);
  CHECK(counted.bytes == first.stored_bytes);
  CHECK(store.objects("blocks/") == before);

  const Swept swept = remove_unneeded_packs(store.repository, {kept}, false, store.cancel);
  CHECK(swept.packs == 1);
  CHECK(swept.bytes == first.stored_bytes);
  CHECK(store.objects("blocks/") ==
        std::vector<std::string>{"blocks/index/" + kept, "blocks/packs/" + kept});
  CHECK(store.read(second.map).size() == 50);
}

TEST_CASE("packs: what a crash left of one goes as well, and what is none stays") {
  test::Store store;
  const auto put = [&](const std::string& name) {
    const auto sink = store.repository.create(name);
    sink->write("something");
    sink->finish();
  };
  put("blocks/packs/" + std::string(32, 'a'));
  put("blocks/packs/" + std::string(32, 'b') + ".age");
  put("blocks/index/" + std::string(32, 'c'));
  put("blocks/packs/README");
  put("blocks/keys/0123456789abcdef");
  const Swept swept = remove_unneeded_packs(store.repository, {}, false, store.cancel);
  CHECK(swept.packs == 3);
  CHECK(store.objects("blocks/") ==
        std::vector<std::string>{"blocks/keys/0123456789abcdef", "blocks/packs/README"});
}

}  // namespace prism::blocks
