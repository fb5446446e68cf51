#include <doctest/doctest.h>
#include <sys/stat.h>

#include <prism/blocks/block_key.hpp>

#include "support/age_key.hpp"
#include "support/memory_repository.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::blocks {
namespace {

struct Scene {
  BlockKey key_of(const KeyOptions& options) {
    remarks.clear();
    return key_for_writing(repository, options, cancel, remarks);
  }
  std::string id_of(const KeyOptions& options) { return key_of(options).id(); }
  std::size_t keys() { return repository.list("blocks/keys/").size(); }
  /// Of the only object of that key.
  std::string object_of(const BlockKey& key) {
    const auto objects = repository.list("blocks/keys/" + key.id());
    REQUIRE(objects.size() == 1);
    return objects[0].name;
  }
  /// As versions before tags have left it.
  void take_off_tag(const BlockKey& key) {
    const std::string name = object_of(key);
    const auto object = repository.create("blocks/keys/" + key.id() + ".age");
    object->write(repository.content(name));
    object->finish();
    repository.remove(name);
  }

  prism::test::Folder folder;
  prism::test::AgeKey age{folder / "identity"};
  prism::test::MemoryRepository repository;
  Cancel cancel;
  std::vector<std::string> remarks;  ///< of the last key
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat state {};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  return state.st_mode & 0777U;
}

}  // namespace

TEST_CASE("block key: hashes are HMAC-SHA-256, the first 24 bytes") {
  // RFC 4231 has no key of 32 bytes; made by `openssl dgst -sha256 -mac HMAC`.
  const BlockKey key = BlockKey::parse(std::string(64, '0'), "test");
  BlockHasher hasher(key);
  constexpr BlockHash kOfNothing{0xb6, 0x13, 0x67, 0x9a, 0x08, 0x14, 0xd9, 0xec,
                                 0x77, 0x2f, 0x95, 0xd7, 0x78, 0xc3, 0x5f, 0xc5,
                                 0xff, 0x16, 0x97, 0xc4, 0x93, 0x71, 0x56, 0x53};
  for (int i = 0; i < 2; ++i) {
    CHECK((hasher.hash("") == kOfNothing));
    CHECK((hasher.hash("x") != kOfNothing));
  }
}

TEST_CASE("block key: 64 digits, and what is none is not told") {
  const BlockKey key = BlockKey::make();
  CHECK(key.text().size() == 64);
  CHECK(key.id().size() == 16);
  CHECK(BlockKey::parse(key.text(), "test").id() == key.id());
  CHECK(BlockKey::make().id() != key.id());
  const auto refused = prism::test::thrown_by([&] { BlockKey::parse(key.text() + "0", "a file"); });
  CHECK(refused.code == ErrorCode::bad_data);
  CHECK(refused.says("a file"));
  CHECK(!refused.says(key.text()));
}

TEST_CASE("block key: without recipients it lies in the repository") {
  Scene scene;
  const BlockKey key = scene.key_of({});
  CHECK(scene.id_of({}) == key.id());
  CHECK(scene.keys() == 1);
  const auto found = find_key(scene.repository, key.id(), {}, scene.cancel);
  REQUIRE(found);
  CHECK(found->text() == key.text());
  CHECK(!find_key(scene.repository, "0123456789abcdef", {}, scene.cancel));
}

TEST_CASE("block key: with recipients it lies there encrypted, and in a file of this machine") {
  Scene scene;
  const std::string plain = scene.id_of({});
  const KeyOptions writer{{scene.age.recipient}, scene.folder / "state/deep/key", {}};
  const BlockKey key = scene.key_of(writer);
  CHECK(key.id() != plain);
  CHECK(mode_of(writer.key_file) == 0600);
  CHECK(mode_of(scene.folder / "state") == 0700);
  CHECK(mode_of(scene.folder / "state/deep") == 0700);
  CHECK(scene.object_of(key).ends_with(".age"));
  CHECK(scene.repository.content(scene.object_of(key)).starts_with("age-encryption"));
  CHECK(scene.id_of(writer) == key.id());
  CHECK(scene.keys() == 2);

  const KeyOptions restorer{{}, {}, scene.age.file};
  const auto found = find_key(scene.repository, key.id(), restorer, scene.cancel);
  REQUIRE(found);
  CHECK(found->text() == key.text());
  CHECK(find_key(scene.repository, key.id(), writer, scene.cancel));
  CHECK(!find_key(scene.repository, key.id(), {}, scene.cancel));
}

TEST_CASE("block key: a lost file is made again by the identity, or by a new key") {
  Scene scene;
  KeyOptions options{{scene.age.recipient}, scene.folder / "key", {}};
  const std::string id = scene.id_of(options);
  std::filesystem::remove(options.key_file);
  options.identity_file = scene.age.file;
  CHECK(scene.id_of(options) == id);
  CHECK(std::filesystem::exists(options.key_file));
  std::filesystem::remove(options.key_file);
  options.identity_file.clear();
  CHECK(scene.id_of(options) != id);
  CHECK(scene.keys() == 2);
}

TEST_CASE("block key: other recipients have another key, which they open, and theirs is kept") {
  Scene scene;
  const prism::test::AgeKey added(scene.folder / "added");
  const KeyOptions first{{scene.age.recipient}, scene.folder / "key", {}};
  const KeyOptions both{{scene.age.recipient, added.recipient}, scene.folder / "key", {}};
  const KeyOptions turned{
      {added.recipient, scene.age.recipient, added.recipient}, scene.folder / "key", {}};
  const BlockKey before = scene.key_of(first);
  CHECK(scene.remarks.empty());
  const BlockKey key = scene.key_of(both);
  CHECK(key.id() != before.id());
  REQUIRE(scene.remarks.size() == 1);
  CHECK(scene.remarks[0].find("all blocks are stored anew") != std::string::npos);
  CHECK(mode_of(both.key_file) == 0600);
  const auto found = find_key(scene.repository, key.id(), {{}, {}, added.file}, scene.cancel);
  REQUIRE(found);
  CHECK(found->text() == key.text());

  CHECK(scene.id_of(turned) == key.id());
  CHECK(scene.id_of(first) == before.id());
  CHECK(scene.id_of(both) == key.id());
  CHECK(scene.remarks.empty());
  CHECK(scene.keys() == 2);
  CHECK(find_key(scene.repository, before.id(), both, scene.cancel));
}

TEST_CASE("block key: one that is stored for who knows whom is not gone on with") {
  Scene scene;
  KeyOptions options{{scene.age.recipient}, scene.folder / "key", {}};
  const BlockKey old = scene.key_of(options);
  scene.take_off_tag(old);
  options.identity_file = scene.age.file;
  const std::string id = scene.id_of(options);
  CHECK(id != old.id());
  CHECK(scene.remarks.size() == 1);
  CHECK(scene.id_of(options) == id);
  CHECK(scene.remarks.empty());
  CHECK(find_key(scene.repository, old.id(), {{}, {}, scene.age.file}, scene.cancel));
}

TEST_CASE("block key: one that is stored for others is none, unless it is in the file") {
  Scene scene;
  const prism::test::AgeKey other(scene.folder / "other");
  const KeyOptions writer{{scene.age.recipient}, scene.folder / "key", {}};
  const std::string id = scene.id_of(writer);
  CHECK(!find_key(scene.repository, id, {{}, {}, other.file}, scene.cancel));
  CHECK(find_key(scene.repository, id, {{}, writer.key_file, other.file}, scene.cancel));
}

TEST_CASE("block key: the file goes to another repository, for other recipients too") {
  Scene scene, another;
  const KeyOptions here{{scene.age.recipient}, scene.folder / "key", {}};
  const KeyOptions there{{another.age.recipient}, scene.folder / "key", {}};
  const std::string id = scene.id_of(here);
  CHECK(another.id_of(there) == id);
  CHECK(another.remarks.empty());
  CHECK(scene.id_of(here) == id);
}

TEST_CASE("block key: a new one that can't be put into the file is used, and that is said") {
  Scene scene;
  const prism::test::AgeKey other(scene.folder / "other");
  const std::string before = scene.id_of({{scene.age.recipient}, scene.folder / "key", {}});
  scene.folder.write("key.new/in the way", "");
  CHECK(scene.id_of({{other.recipient}, scene.folder / "key", {}}) != before);
  REQUIRE(scene.remarks.size() == 2);
  CHECK(scene.remarks[1].find("can't be kept") != std::string::npos);
  CHECK(scene.id_of({{scene.age.recipient}, scene.folder / "key", {}}) == before);
}

TEST_CASE("block key: a file that others may read, or that holds none, is refused") {
  Scene scene;
  const KeyOptions options{{scene.age.recipient}, scene.folder / "key", {}};
  scene.key_of(options);
  ::chmod(options.key_file.c_str(), 0640);
  CHECK(prism::test::thrown_by([&] { scene.key_of(options); }).code == ErrorCode::permission);
  scene.folder.write("key", "no key");
  ::chmod(options.key_file.c_str(), 0600);
  const auto refused = prism::test::thrown_by([&] { scene.key_of(options); });
  CHECK(refused.code == ErrorCode::bad_data);
  CHECK(!refused.says("no key\""));
}

}  // namespace prism::blocks
