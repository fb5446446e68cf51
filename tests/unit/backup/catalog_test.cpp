#include <doctest/doctest.h>

#include <prism/backup/catalog.hpp>
#include <prism/backup/repository_lock.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>

#include "support/memory_repository.hpp"
#include "support/quiet.hpp"
#include "support/thrown.hpp"

namespace prism::backup {
namespace {

Manifest manifest_of(const std::string& id) {
  Manifest manifest;
  manifest.id = id;
  manifest.started = "2026-11-21T10:15:00Z";
  manifest.finished = "2026-11-21T10:15:09Z";
  manifest.tool = "prismctl 0.1.0";
  manifest.host = "here";
  manifest.targets.push_back({"facts",
                              "sqlite",
                              "/data/prism.db",
                              "",
                              {"3.40.1", {{"fact", 5263}, {"entity", 2047}}},
                              1.5,
                              {{"db", "facts.db.zst", 1000, 100, std::string(64, 'a')}}});
  return manifest;
}

void put(test::MemoryRepository& repository, const std::string& name, const std::string& content) {
  const auto sink = repository.create(name);
  sink->write(content);
  sink->finish();
}

void put(test::MemoryRepository& repository, const Manifest& manifest) {
  put(repository, object_name(manifest.id, kManifest), to_json_text(manifest));
}

constexpr const char* kFirst = "20261120T101500Z-0001";
constexpr const char* kSecond = "20261121T101500Z-0002";

}  // namespace

TEST_CASE("backup: an id is its moment and four digits") {
  const auto time = *parse_utc("2026-11-21T10:15:00Z");
  const std::string id = make_id(time);
  CHECK(id.substr(0, 17) == "20261121T101500Z-");
  CHECK(time_of_id(id) == time);
  for (const char* const no : {"", "locks", "20261121T101500Z", "20261121T101500Z-00G1",
                               "20261321T101500Z-0001", "20261121T101500Z-00011"}) {
    CHECK_FALSE(time_of_id(no).has_value());
  }
}

TEST_CASE("backup: a manifest is read as it was written") {
  const Manifest manifest = manifest_of(kFirst);
  const std::string text = to_json_text(manifest);
  CHECK(to_json_text(parse_manifest(text, "m")) == text);
  Manifest failed = manifest;
  failed.targets[0].error = "no connection";
  failed.targets[0].hint = "start it";
  CHECK(parse_manifest(to_json_text(failed), "m").targets[0].hint == "start it");
  CHECK(manifest.is_complete());
  CHECK(manifest.stored_bytes() == 100);
  CHECK(manifest.find("auth") == nullptr);
}

TEST_CASE("backup: a manifest with names or sizes that nothing has is refused") {
  const auto refused = [](const Manifest& manifest) {
    return test::thrown_by([&] { parse_manifest(to_json_text(manifest), "m"); }).code ==
           ErrorCode::bad_data;
  };
  for (const char* const name : {"", ".", "..", "../b", "/root/.ssh"}) {
    CAPTURE(name);
    Manifest manifest = manifest_of(kFirst);
    manifest.targets[0].name = name;
    CHECK(refused(manifest));
  }
  for (const std::uint64_t bytes : {0ULL, 1ULL << 19, 3ULL << 20, 1ULL << 31, 1ULL << 40}) {
    CAPTURE(bytes);
    Manifest manifest = manifest_of(kFirst);
    manifest.targets[0].content.physical = Physical{};
    manifest.targets[0].content.physical->segment_bytes = bytes;
    CHECK(refused(manifest));
    manifest.targets[0].content.physical->segment_bytes = 1 << 24;
    parse_manifest(to_json_text(manifest), "m");
  }
}

TEST_CASE("backup: what is no manifest, or leads elsewhere, is refused") {
  const std::string text = to_json_text(manifest_of(kFirst));
  const auto refused = [](const std::string& bad) {
    return test::thrown_by([&] { parse_manifest(bad, "m"); }).code == ErrorCode::bad_data;
  };
  for (std::size_t size = 0; size + 2 < text.size(); size += 7)
    CHECK(refused(text.substr(0, size)));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  // As an older prismctl wrote them, without a checksum.
  const auto older = [&](const std::string& from, const std::string& to) {
    std::string changed = with(from, to);
    changed.erase(changed.rfind(",\n  \"sha256\""), 80);
    return changed.replace(changed.find("\"schema\": 2"), 11, "\"schema\": 1");
  };
  CHECK(parse_manifest(older("", ""), "m").targets[0].location == "/data/prism.db");
  CHECK(refused(older("facts.db.zst", "../../etc/passwd")));
  CHECK(refused(older("facts.db.zst", ".hidden")));
  CHECK(refused(older("\"bytes\": 1000", "\"bytes\": \"many\"")));
  CHECK(refused(with("\"schema\": 2", "\"schema\": 3")));
}

TEST_CASE("backup: a manifest in which any byte was changed is none") {
  const std::string text = to_json_text(manifest_of(kFirst));
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(i);
      CAPTURE(bit);
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      CHECK(test::thrown_by([&] { parse_manifest(changed, "m"); }).code == ErrorCode::bad_data);
    }
  }
}

TEST_CASE("backup: a backup is what its manifest says, partial without, damaged with a bad one") {
  test::MemoryRepository repository;
  Manifest incomplete = manifest_of(kSecond);
  incomplete.targets[0].error = "no connection";
  put(repository, manifest_of(kFirst));
  put(repository, incomplete);
  put(repository, "20261121T111500Z-0003/facts.db.zst", "half");
  put(repository, "20261121T121500Z-0004/manifest.json", "{");
  put(repository, "notes/mine.txt", "not a backup");
  const auto backups = list_backups(repository);
  REQUIRE(backups.size() == 4);
  CHECK(backups[0].state == State::complete);
  CHECK(backups[1].state == State::incomplete);
  CHECK(backups[2].state == State::partial);
  CHECK(backups[3].state == State::damaged);
  CHECK(backups[2].stored_bytes == 4);
  CHECK(find_backup(repository, "latest").id == kFirst);
}

TEST_CASE("backup: as much of an id as is enough names one; a safety copy is not the latest") {
  test::MemoryRepository repository;
  CHECK(test::thrown_by([&] { find_backup(repository, "latest"); }).code ==
        ErrorCode::input_missing);
  put(repository, manifest_of(kFirst));
  Manifest copy = manifest_of(kSecond);
  copy.before_restore_of = kFirst;
  put(repository, copy);
  CHECK(find_backup(repository, "20261120").id == kFirst);
  CHECK(find_backup(repository, kSecond).is_safety_copy());
  CHECK(find_backup(repository, "latest").id == kFirst);
  CHECK(test::thrown_by([&] { find_backup(repository, "2026"); }).code == ErrorCode::usage);
  CHECK(test::thrown_by([&] { find_backup(repository, "2027"); }).code == ErrorCode::input_missing);
  CHECK(test::thrown_by([&] { find_backup(repository, ""); }).code == ErrorCode::input_missing);
}

TEST_CASE("backup: pins and removal") {
  test::MemoryRepository repository;
  put(repository, manifest_of(kFirst));
  pin(repository, kFirst);
  pin(repository, kFirst);
  CHECK(find_backup(repository, kFirst).pinned);
  unpin(repository, kFirst);
  unpin(repository, kFirst);
  CHECK_FALSE(find_backup(repository, kFirst).pinned);
  CHECK(remove_backup(repository, kFirst));
  CHECK(repository.list("").empty());
}

TEST_CASE("backup: what is pinned in the last moment is not removed") {
  /// Somebody pins it between the decision and the removal.
  class PinnedMeanwhile : public test::MemoryRepository {
   public:
    std::unique_ptr<ByteSink> create(const std::string& name) override {
      if (name.ends_with(kRemoving)) MemoryRepository::create(object_name(kFirst, kPin))->finish();
      return MemoryRepository::create(name);
    }
  } repository;
  put(repository, manifest_of(kFirst));
  CHECK_FALSE(remove_backup(repository, kFirst));
  const Backup backup = find_backup(repository, kFirst);
  CHECK(backup.pinned);
  CHECK_FALSE(backup.being_removed);
}

TEST_CASE("backup: what is being removed is not pinned; a removal that died is no hindrance") {
  test::MemoryRepository repository;
  test::Quiet quiet;
  put(repository, manifest_of(kFirst));
  put(repository, object_name(kFirst, kRemoving), to_json_text(this_run("removal")));
  {
    const RepositoryLock lock(repository, "backup prune", {}, quiet.context());
    CHECK(test::thrown_by([&] { pin(repository, kFirst); }).code == ErrorCode::locked);
    CHECK_FALSE(find_backup(repository, kFirst).pinned);
  }
  pin(repository, kFirst);
  CHECK(find_backup(repository, kFirst).pinned);
  unpin(repository, kFirst);
  CHECK(remove_backup(repository, kFirst));
  CHECK(repository.list("").empty());
}

TEST_CASE("backup: one that is removed while it is pinned is not there afterwards") {
  class RemovedMeanwhile : public test::MemoryRepository {
   public:
    std::unique_ptr<ByteSink> create(const std::string& name) override {
      if (name.ends_with(kPin)) MemoryRepository::remove(object_name(kFirst, kManifest));
      return MemoryRepository::create(name);
    }
  } repository;
  put(repository, manifest_of(kFirst));
  CHECK(test::thrown_by([&] { pin(repository, kFirst); }).code == ErrorCode::locked);
  CHECK(repository.list("").empty());
}

TEST_CASE("backup: one that died before it stored anything is seen, one under way is no dead one") {
  test::MemoryRepository repository;
  test::Quiet quiet;
  Begun begun{this_run("backup"), "2026-11-20T10:15:00Z", {"facts", "certs"}, ""};
  put(repository, object_name(kFirst, kBegun), to_json_text(begun));
  begun.before_restore_of = kFirst;
  begun.owner.process = 1;
  put(repository, object_name(kSecond, kBegun), to_json_text(begun));
  auto backups = list_backups(repository);
  REQUIRE(backups.size() == 2);
  CHECK(backups[0].state == State::partial);
  CHECK(backups[0].begun->targets == begun.targets);
  CHECK(backups[0].begun->started == begun.started);
  CHECK_FALSE(backups[0].under_way);
  CHECK(backups[0].has_failed());
  CHECK_FALSE(backups[0].is_safety_copy());
  CHECK(backups[1].is_safety_copy());
  const RepositoryLock lock(repository, "backup", {}, quiet.context());
  backups = list_backups(repository);
  CHECK(backups[0].under_way);
  CHECK_FALSE(backups[0].has_failed());
  CHECK_FALSE(backups[1].under_way);
  for (const char* const none : {"", "{", "[]", "{\"owner\": 1}"}) CHECK_FALSE(parse_begun(none));
}

TEST_CASE("backup: one from the future is warned of, one of the same minute is not") {
  const auto now = *parse_utc("2026-11-20T10:10:00Z");
  CHECK_FALSE(warning_of_future(kFirst, now).has_value());
  CHECK_FALSE(warning_of_future("", now).has_value());
  CHECK(warning_of_future(kSecond, now)->find("is from the future") != std::string::npos);
}

}  // namespace prism::backup
