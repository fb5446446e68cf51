#include "contract/wal_archive.hpp"

#include <atomic>

#include <doctest/doctest.h>

#include <prism/base/parallel.hpp>
#include <prism/base/sha256.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>

#include "support/age_key.hpp"
#include "support/temporary.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"
#include "support/wal.hpp"

namespace prism::contract {
namespace {

using postgres::WalArchive;
using Put = WalArchive::Put;
using Names = std::vector<std::string>;

const std::string kName = "000000010000000A000000FE";
const std::string kSystem = std::to_string(test::kWalSystem);
const std::string kPlace = "wal/" + kSystem + "/000000010000000A/" + kName;

struct Scene {
  explicit Scene(RepositoryFixture& fixture, postgres::WalOptions options = {})
      : repository(fixture.repository()),
        archive(repository, kSystem, std::move(options), cancel) {}

  Put put(const std::string& name, const std::string& content) {
    test::TextSource source(content, 10'000);
    return archive.put(name, source);
  }

  /// Nothing where it is not there.
  std::optional<std::string> got(const std::string& name) {
    if (!archive.get(name, folder / "got")) return {};
    return test::content_of(folder / "got");
  }

  void put_object(const std::string& name, const std::string& content) const {
    const auto sink = repository.create(name);
    sink->write(content);
    sink->finish();
  }

  repository::Repository& repository;
  Cancel cancel;
  WalArchive archive;
  test::Folder folder;
};

}  // namespace

void wal_put_and_got(RepositoryFixture& fixture) {
  Scene scene(fixture);
  CHECK_FALSE(scene.got(kName));
  CHECK_FALSE(scene.archive.is_begun());
  CHECK(scene.archive.list().empty());
  CHECK(scene.archive.segment_bytes() == 16 * test::kWalMiB);
  const std::string segment = test::wal_segment(kName, 2 * test::kWalMiB);
  const std::string history = "1\t0/2000000\tno recovery target specified\n";
  CHECK(scene.put(kName, segment) == Put::stored);
  CHECK(scene.put("00000002.history", history) == Put::stored);
  CHECK(scene.put(kName + ".00000028.backup", "START WAL LOCATION") == Put::stored);
  CHECK(scene.put(kName + ".partial", segment) == Put::stored);
  CHECK(scene.archive.list() ==
        Names{kName, kName + ".00000028.backup", kName + ".partial", "00000002.history"});
  CHECK((scene.got(kName) == segment));
  CHECK(scene.got("00000002.history") == history);
  CHECK_FALSE(scene.got("00000003.history"));
  CHECK_FALSE(scene.got("000000010000000A000000FF"));
  CHECK(scene.archive.is_begun());
  CHECK(scene.archive.segment_bytes() == 2 * test::kWalMiB);
  CHECK(test::text_of(*scene.repository.open(kPlace + ".sha256")) ==
        sha256_hex(segment) + "  " + kName + "\n");
  CHECK(test::thrown_by([&] { scene.put("no-such-name", "x"); }).code == ErrorCode::usage);
}

void wal_put_again(RepositoryFixture& fixture) {
  Scene scene(fixture);
  const std::string segment = test::wal_segment(kName);
  const auto file = scene.folder.write("segment", segment);
  CHECK(scene.archive.put_file(kName, file) == Put::stored);
  CHECK(scene.archive.put_file(kName, file) == Put::was_there);
  // Also by who encrypts now.
  const test::AgeKey key(scene.folder / "key");
  WalArchive encrypted(scene.repository, kSystem, {.recipients = {key.recipient}}, scene.cancel);
  CHECK(encrypted.put_file(kName, file) == Put::was_there);
  CHECK(scene.repository.list("wal/").size() == 3);
  CHECK((scene.got(kName) == segment));
  CHECK(test::thrown_by([&] { scene.archive.put_file(kName, scene.folder / "none"); }).code ==
        ErrorCode::input_missing);
}

void wal_of_another_content(RepositoryFixture& fixture) {
  Scene scene(fixture);
  const std::string segment = test::wal_segment(kName);
  scene.put(kName, segment);
  const auto refused = test::thrown_by(
      [&] { scene.put(kName, test::wal_segment(kName, test::kWalMiB, test::kWalSystem, 2)); });
  CHECK(refused.code == ErrorCode::refused);
  CHECK(refused.says(kName + ": the archive has another content of that name"));
  CHECK((scene.got(kName) == segment));
}

void wal_cut_off(RepositoryFixture& fixture) {
  Scene scene(fixture);
  const std::string segment = test::wal_segment(kName);
  scene.put_object(kPlace + ".sha256", sha256_hex(segment) + "  " + kName + "\n");
  CHECK(scene.archive.list().empty());
  CHECK_FALSE(scene.got(kName));
  CHECK(scene.put(kName, segment) == Put::stored);
  CHECK(scene.archive.list() == Names{kName});
  CHECK((scene.got(kName) == segment));
}

void wal_damaged(RepositoryFixture& fixture) {
  Scene scene(fixture);
  scene.put(kName, test::wal_segment(kName));
  const std::string stored = test::text_of(*scene.repository.open(kPlace + ".zst"));
  const auto replace = [&](const std::string& object, const std::string& content) {
    scene.repository.remove(object);
    scene.put_object(object, content);
  };
  const auto check = [&](const std::string& words) {
    const auto damaged = test::thrown_by([&] { scene.got(kName); });
    CAPTURE(damaged.message);
    CHECK(damaged.code == ErrorCode::bad_data);
    CHECK(damaged.says(kName));
    CHECK(damaged.says(words));
    CHECK_FALSE(std::filesystem::exists(scene.folder / "got"));
    CHECK_FALSE(std::filesystem::exists(scene.folder / "got.prismctl.tmp"));
  };
  replace(kPlace + ".zst", stored.substr(0, stored.size() / 2));
  check("damaged");
  replace(kPlace + ".zst", "");
  check("damaged");
  replace(kPlace + ".zst", stored);
  replace(kPlace + ".sha256", sha256_hex("another") + "  " + kName + "\n");
  check("its SHA-256 is another than beside it");
  replace(kPlace + ".sha256", "abc");
  check("no line of sha256sum");
  scene.repository.remove(kPlace + ".sha256");
  check("it is not there");
}

void wal_encrypted(RepositoryFixture& fixture) {
  const test::Folder keys;
  const test::AgeKey key(keys / "key"), stranger(keys / "stranger");
  Scene scene(fixture, {.recipients = {key.recipient}, .identity_file = key.file});
  const std::string segment = test::wal_segment(kName);
  CHECK(scene.put(kName, segment) == Put::stored);
  CHECK(scene.put(kName, segment) == Put::was_there);
  CHECK(scene.archive.list() == Names{kName});
  CHECK((scene.got(kName) == segment));
  CHECK(test::text_of(*scene.repository.open(kPlace + ".zst.age"))
            .starts_with("age-encryption.org/v1"));
  const auto get_with = [&](const std::filesystem::path& identity) {
    return test::thrown_by([&] {
      WalArchive(scene.repository, kSystem, {.identity_file = identity}, scene.cancel)
          .get(kName, scene.folder / "other");
    });
  };
  CHECK(get_with({}).code == ErrorCode::configuration);
  CHECK(get_with({}).says("encrypted, and no identity opens it"));
  CHECK(get_with(stranger.file).code == ErrorCode::permission);
  CHECK_FALSE(std::filesystem::exists(scene.folder / "other"));
}

void wal_put_by_several(RepositoryFixture& fixture) {
  Scene scene(fixture);
  const std::string segment = test::wal_segment(kName);
  std::atomic<int> stored{0};
  run_parallel(6, 6, [&](std::size_t) {
    test::TextSource source(segment, 100'000);
    const Cancel cancel;
    if (WalArchive(scene.repository, kSystem, {}, cancel).put(kName, source) == Put::stored) {
      ++stored;
    }
  });
  CHECK(stored == 1);
  CHECK((scene.got(kName) == segment));
}

void wal_of_several_systems(RepositoryFixture& fixture) {
  Scene scene(fixture);
  scene.put(kName, test::wal_segment(kName));
  WalArchive other(scene.repository, "42", {}, scene.cancel);
  CHECK_FALSE(other.get(kName, scene.folder / "other"));
  CHECK_FALSE(other.is_begun());
  test::TextSource source("1\t0/2000000\tx\n");
  other.put("00000002.history", source);
  CHECK(postgres::list_wal_systems(scene.repository) == Names{"42", kSystem});
  CHECK(other.list() == Names{"00000002.history"});
  CHECK(scene.archive.list() == Names{kName});
  const auto stored = postgres::list_wal(scene.repository, kSystem);
  REQUIRE(stored.size() == 1);
  CHECK(stored.front().bytes > 0);
  CHECK(stored.front().modified > std::chrono::system_clock::now() - std::chrono::hours(1));
}

}  // namespace prism::contract
