#include <functional>
#include <random>

#include <doctest/doctest.h>

#include <prism/backup/make_backup.hpp>
#include <prism/backup/restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>

#include "support/memory_repository.hpp"
#include "support/quiet.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"
#include "unit/backup/text_component.hpp"

namespace prism::backup {
namespace {

std::unique_ptr<Component> of_kind(const std::string& kind) {
  static std::string none;
  return kind == "text" ? std::make_unique<TextComponent>(none) : nullptr;
}

/// One in which something happens to an object, or from which nothing is removed.
class EventfulRepository : public test::MemoryRepository {
 public:
  std::unique_ptr<ByteSink> create(const std::string& name) override {
    if (on_create) on_create(name);
    return MemoryRepository::create(name);
  }
  std::unique_ptr<ByteSource> open(const std::string& name) override {
    if (on_open) on_open(name);
    return MemoryRepository::open(name);
  }
  void remove(const std::string& name) override {
    if (stubborn) throw Error(ErrorCode::io, "may not be removed");
    MemoryRepository::remove(name);
  }

  std::function<void(const std::string&)> on_create, on_open;
  bool stubborn = false;
};

struct Scene {
  std::vector<NamedComponent> components() {
    std::vector<NamedComponent> all;
    for (auto& [name, text] : texts) {
      all.push_back({.name = name,
                     .kind = "text",
                     .cancel = std::make_unique<Cancel>(&quiet.cancel()),
                     .component = std::make_unique<TextComponent>(text)});
      all.back().hooks = hooks[name];
    }
    return all;
  }
  Manifest make(const MakeOptions& options = {.tool = "test 1"}) {
    auto all = components();
    return make_backup(repository, all, options, quiet.context());
  }
  Restored restore_latest(const RestoreOptions& options) {
    auto all = components();
    return restore(repository, find_backup(repository, "latest"), all, options, of_kind,
                   quiet.context());
  }
  Verified verify_latest() {
    return verify(repository, find_backup(repository, "latest"), of_kind, {}, quiet.context());
  }

  EventfulRepository repository;
  test::Quiet quiet;
  std::map<std::string, Hooks> hooks;
  std::map<std::string, std::string> texts{{"a", "alpha"}, {"b", std::string(100'000, 'b')}};
};

}  // namespace

TEST_CASE("backup: a set has all targets, and is verified by reading it") {
  Scene scene;
  const Manifest manifest = scene.make();
  CHECK(manifest.is_complete());
  REQUIRE(manifest.targets.size() == 2);
  CHECK(manifest.targets[0].content.counts == Counts{{"letters", 5}});
  CHECK(manifest.targets[1].artifacts[0].bytes == 100'000);
  CHECK(manifest.targets[1].artifacts[0].stored_bytes < 1000);
  CHECK(scene.verify_latest().is_good());
  CHECK(scene.repository.list("").size() == 3);
}

TEST_CASE("backup: every flipped byte and every missing object is found, and restores nothing") {
  Scene scene;
  const Manifest manifest = scene.make();
  const std::string object = object_name(manifest.id, "a.txt.zst");
  const std::string whole = scene.repository.content(object);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(i);
    scene.repository.content(object)[i] = static_cast<char>(whole[i] ^ 1);
    CHECK_FALSE(scene.verify_latest().is_good());
    scene.texts["a"] = "changed";
    CHECK(test::thrown_by([&] { scene.restore_latest({.force = true}); }).code ==
          ErrorCode::critical);
    CHECK(scene.texts["a"] == "changed");
    scene.repository.content(object) = whole;
  }
  scene.repository.content(object) += 'x';
  CHECK_FALSE(scene.verify_latest().is_good());
  scene.repository.remove(object);
  const Verified verified = scene.verify_latest();
  CHECK(verified.targets[0].trouble.find("it is not there") != std::string::npos);
  CHECK(verified.targets[1].trouble.empty());
}

TEST_CASE("verify: damage is told by its place, whatever the component takes it for") {
  /// Says so before it has read all.
  struct Hasty : TextComponent {
    using TextComponent::TextComponent;
    Content check(ArtifactReader&) override { throw Error(ErrorCode::bad_data, "no text"); }
  };
  Scene scene;
  const std::string object = object_name(scene.make().id, "a.txt.zst");
  const auto trouble = [&] {
    const auto hasty = [&](const std::string&) {
      return std::make_unique<Hasty>(scene.texts["a"]);
    };
    const Backup backup = find_backup(scene.repository, "latest");
    return verify(scene.repository, backup, hasty, {}, scene.quiet.context()).targets[0].trouble;
  };
  CHECK(trouble() == "no text");
  scene.repository.content(object)[0] ^= 1;
  CHECK(trouble().find(object + ": damaged: its SHA-256") != std::string::npos);
}

TEST_CASE("backup: a target that fails leaves nothing, the others are kept") {
  Scene scene;
  scene.texts["a"] = "broken";
  const Manifest manifest = scene.make();
  CHECK_FALSE(manifest.is_complete());
  CHECK(manifest.targets[0].error == "no connection");
  CHECK(manifest.targets[0].hint == "start it");
  CHECK(manifest.targets[1].error.empty());
  CHECK(scene.repository.list("").size() == 2);
  CHECK(test::thrown_by([&] { scene.restore_latest({}); }).code == ErrorCode::input_missing);
}

TEST_CASE("backup: an empty dump is a failure") {
  Scene scene;
  scene.texts["a"].clear();
  CHECK(scene.make().targets[0].error == "the dump is empty");
}

TEST_CASE("backup: the newest is the last one that was made, also within a second") {
  Scene scene;
  std::string before;
  for (int i = 0; i < 3; ++i) {
    const std::string id = scene.make().id;
    CHECK(id.substr(0, 16) > before.substr(0, 16));
    before = id;
  }
}

TEST_CASE("backup: an interruption leaves no backup") {
  Scene scene;
  scene.quiet.cancel().request(15);
  CHECK(test::thrown_by([&] { scene.make(); }).code == ErrorCode::terminated);
  CHECK(list_backups(scene.repository).empty());
}

TEST_CASE("restore: what holds something is overwritten with --force alone, and kept") {
  Scene scene;
  const auto before = scene.texts;
  const std::string id = scene.make().id;
  scene.texts["a"] = "changed";
  CHECK(test::thrown_by([&] { scene.restore_latest({}); }).code == ErrorCode::refused);
  CHECK(scene.texts["a"] == "changed");
  const Restored restored = scene.restore_latest({.force = true});
  CHECK(restored.id == id);
  CHECK(scene.texts == before);
  const Backup copy = find_backup(scene.repository, restored.safety_copy);
  CHECK(copy.is_safety_copy());
  CHECK(copy.manifest->targets[0].content.counts == Counts{{"letters", 7}});
  CHECK(find_backup(scene.repository, "latest").id == id);
}

TEST_CASE("restore: a target that holds nothing needs no --force and no copy") {
  Scene scene;
  scene.make();
  for (auto& [name, text] : scene.texts) text.clear();
  const Restored restored = scene.restore_latest({});
  CHECK(restored.safety_copy.empty());
  CHECK_FALSE(restored.targets[0].before.has_value());
  CHECK(scene.texts["a"] == "alpha");
}

TEST_CASE("restore: a dry run checks all and touches nothing") {
  Scene scene;
  scene.make();
  scene.texts["a"] = "changed";
  const Restored restored = scene.restore_latest({.dry_run = true});
  CHECK(restored.targets[0].before->counts == Counts{{"letters", 7}});
  CHECK(restored.targets[0].after.counts == Counts{{"letters", 5}});
  CHECK(scene.texts["a"] == "changed");
  CHECK(scene.repository.list("").size() == 3);
}

TEST_CASE("restore: from a backup without a manifest, or of no target, is an error") {
  Scene scene;
  const Manifest manifest = scene.make();
  const auto restored = [&] {
    std::vector<NamedComponent> none;
    return test::thrown_by([&] {
      restore(scene.repository, find_backup(scene.repository, manifest.id), none, {}, of_kind,
              scene.quiet.context());
    });
  };
  CHECK(restored().code == ErrorCode::input_missing);
  scene.repository.content(object_name(manifest.id, kManifest))[100] ^= 1;
  CHECK(restored().code == ErrorCode::critical);
  scene.repository.remove(object_name(manifest.id, kManifest));
  CHECK(restored().says("is partial"));
}

TEST_CASE("restore: what can't be restored changes nothing, or is critical behind another") {
  Scene scene;
  scene.make();
  scene.texts = {{"a", "in use"}, {"b", "new"}};
  CHECK(test::thrown_by([&] { scene.restore_latest({.force = true}); }).code == ErrorCode::locked);
  CHECK(scene.texts["b"] == "new");
  scene.texts = {{"a", "new"}, {"b", "in use"}};
  const auto half = test::thrown_by([&] { scene.restore_latest({.force = true}); });
  CHECK(half.code == ErrorCode::critical);
  CHECK(half.says("target b: somebody has it open"));
  CHECK(half.hint.find("restored already: a") != std::string::npos);
  CHECK(scene.texts["a"] == "alpha");
}

TEST_CASE("restore: no safety copy, no restore") {
  Scene scene;
  scene.make();
  scene.texts["a"] = "broken";
  CHECK(test::thrown_by([&] { scene.restore_latest({.force = true}); }).code ==
        ErrorCode::critical);
  CHECK(scene.texts["a"] == "broken");
  scene.restore_latest({.force = true, .safety_copy = false});
  CHECK(scene.texts["a"] == "alpha");
}

TEST_CASE("backup: what is large is split, and read again as one") {
  Scene scene;
  std::minstd_rand random(7);
  for (char& c : scene.texts["b"]) c = static_cast<char>('a' + random() % 26);
  const auto before = scene.texts;
  const Manifest manifest = scene.make({.store = {.part_bytes = 10'000}});
  const Artifact& artifact = manifest.targets[1].artifacts.at(0);
  REQUIRE(artifact.parts > 3);
  CHECK(scene.verify_latest().is_good());
  scene.texts["b"].clear();
  scene.restore_latest({.force = true});
  CHECK(scene.texts == before);
  scene.repository.remove(object_name(manifest.id, artifact.object + ".002"));
  CHECK_FALSE(scene.verify_latest().is_good());
}

TEST_CASE("verify: a backup that is removed beside it is not damaged") {
  Scene scene;
  const Manifest manifest = scene.make();
  const Backup backup = find_backup(scene.repository, "latest");
  remove_backup(scene.repository, manifest.id);
  const Verified verified = verify(scene.repository, backup, of_kind, {}, scene.quiet.context());
  CHECK(verified.state == State::partial);
  CHECK(verified.targets.empty());
}

TEST_CASE("backup: what a failed target has stored stays where it can't be removed") {
  Scene scene;
  scene.texts["a"] = "half";
  scene.repository.stubborn = true;
  const Manifest manifest = scene.make();
  CHECK(manifest.targets[0].error == "the connection was lost");
  CHECK(manifest.targets[1].error.empty());
  const Backup backup = find_backup(scene.repository, manifest.id);
  CHECK(backup.state == State::incomplete);
  CHECK(scene.repository.list(manifest.id + "/").size() == 4);
}

TEST_CASE("backup: one that is killed at once is seen as partial, whatever it has stored") {
  Scene scene;
  std::vector<Backup> seen;
  scene.repository.on_create = [&](const std::string& name) {
    if (name.ends_with("a.txt.zst")) seen = list_backups(scene.repository);
  };
  const Manifest manifest = scene.make({.jobs = 1});
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].id == manifest.id);
  CHECK(seen[0].state == State::partial);
  CHECK(seen[0].begun->targets == std::vector<std::string>{"a", "b"});
  CHECK(scene.repository.list("").size() == 3);
}

TEST_CASE("backup: one whose lock is gone before or behind its manifest has none") {
  for (const int gone : {1, 2}) {
    CAPTURE(gone);
    Scene scene;
    int asked = 0;
    const auto lost = test::thrown_by([&] {
      scene.make({.require_lock = [&] {
        if (++asked == gone) throw Error(ErrorCode::locked, "the lock was lost");
      }});
    });
    CHECK(lost.code == ErrorCode::locked);
    CHECK(lost.says("the lock was lost"));
    CHECK(asked == gone);
    REQUIRE(list_backups(scene.repository).size() == 1);
    CHECK(list_backups(scene.repository)[0].state == State::partial);
  }
}

TEST_CASE("backup: one whose lock can't be looked at behind its manifest stays") {
  Scene scene;
  int asked = 0;
  const Manifest manifest = scene.make({.require_lock = [&] {
    if (++asked == 2) throw Error(ErrorCode::unavailable, "the repository is away");
  }});
  CHECK(asked == 2);
  CHECK(find_backup(scene.repository, manifest.id).state == State::complete);
}

TEST_CASE("backup: after one of the future the next is later, and it is warned of") {
  const test::Folder folder;
  Scene scene;
  Manifest ahead = scene.make();
  ahead.id = "20990101T000000Z-0000";
  const auto sink = scene.repository.create(object_name(ahead.id, kManifest));
  sink->write(to_json_text(ahead));
  sink->finish();
  test::Quiet told(folder / "log");
  auto all = scene.components();
  const std::string id = make_backup(scene.repository, all, {}, told.context()).id;
  CHECK(id.substr(0, 16) == "20990101T000001Z");
  CHECK(find_backup(scene.repository, "latest").id == id);
  CHECK(read_file(folder / "log", 10'000).find("20990101T000000Z-0000 is from the future") !=
        std::string::npos);
}

TEST_CASE("backup: a recipient that is none ends it before anything is begun") {
  Scene scene;
  const auto refused =
      test::thrown_by([&] { scene.make({.store = {.recipients = {"age1nobody"}}}); });
  CHECK(refused.code == ErrorCode::configuration);
  CHECK(refused.says("malformed recipient"));
  CHECK(scene.repository.list("").empty());
}

TEST_CASE("verify: a manifest that is damaged is bad") {
  Scene scene;
  const Manifest manifest = scene.make();
  scene.repository.content(object_name(manifest.id, kManifest))[100] ^= 1;
  const Backup backup = find_backup(scene.repository, manifest.id);
  const Verified verified = verify(scene.repository, backup, of_kind, {}, scene.quiet.context());
  CHECK(verified.outcome() == Outcome::bad);
  CHECK_FALSE(verified.is_good());
  CHECK(verified.trouble.find("manifest.json") != std::string::npos);
}

TEST_CASE("verify: what stands in the way is no damage: the target is not tested") {
  Scene scene;
  scene.make();
  scene.repository.on_open = [](const std::string& name) {
    if (name.ends_with("a.txt.zst")) throw Error(ErrorCode::unavailable, "no answer");
  };
  const Verified verified = scene.verify_latest();
  CHECK(verified.is_good());
  CHECK_FALSE(verified.is_whole());
  CHECK(verified.outcome() == Outcome::partial);
  CHECK_FALSE(verified.targets[0].tested);
  CHECK(verified.targets[0].trouble == "no answer");
  CHECK(verified.targets[1].outcome() == Outcome::good);
}

TEST_CASE("verify: a target that failed when the backup was made is not tested") {
  Scene scene;
  scene.texts["a"] = "broken";
  const Manifest manifest = scene.make();
  const Backup backup = find_backup(scene.repository, manifest.id);
  const Verified verified = verify(scene.repository, backup, of_kind, {}, scene.quiet.context());
  CHECK(verified.outcome() == Outcome::partial);
  CHECK_FALSE(verified.targets[0].tested);
  CHECK_FALSE(verified.is_good());
}

TEST_CASE("backup: hooks stand around each target and around all") {
  const test::Folder folder;
  Scene scene;
  const auto line = [&](const std::string& words) {
    return "echo " + words + " $PRISMCTL_RESULT >> " + (folder / "told").string();
  };
  scene.hooks["a"] = {line("before a"), line("after a")};
  scene.make({.jobs = 1, .hooks = {line("before"), line("after")}});
  CHECK(read_file(folder / "told", 1000) == "before\nbefore a\nafter a ok\nafter ok\n");
}

TEST_CASE("backup: a hook that fails before a target fails it, and one after it is told") {
  Scene scene;
  scene.hooks["a"] = {"exit 1", ""};
  scene.hooks["b"] = {"", "exit 2"};
  const Manifest manifest = scene.make();
  CHECK(manifest.targets[0].error == "target a: hook before the backup ended with 1");
  CHECK(manifest.targets[1].error.empty());
  CHECK(manifest.targets[1].after_error == "target b: hook after the backup ended with 2");
  CHECK(manifest.has_after_error());
  const Manifest read = parse_manifest(to_json_text(manifest), "here");
  CHECK(read.targets[1].after_error == manifest.targets[1].after_error);
}

TEST_CASE("backup: a hook that fails before all of them ends it; the one after is run") {
  const test::Folder folder;
  Scene scene;
  const std::string file = (folder / "after").string();
  CHECK(test::thrown_by([&] {
          scene.make({.hooks = {"exit 1", "touch " + file}});
        }).code == ErrorCode::critical);
  CHECK(std::filesystem::exists(file));
  CHECK(scene.repository.list("").empty());
}

TEST_CASE("backup: a target that takes too long fails, the others are kept") {
  Scene scene;
  auto all = scene.components();
  all[0].hooks.before = "sleep 1000";
  all[0].time_limit = std::chrono::seconds(1);
  const Manifest manifest = make_backup(scene.repository, all, {.jobs = 1}, scene.quiet.context());
  CHECK(manifest.targets[0].error == "took longer than its time limit of 1 s");
  CHECK(manifest.targets[1].error.empty());
}

TEST_CASE("restore: what a restore that was cut off has left needs no --force and is not copied") {
  Scene scene;
  scene.make();
  scene.texts = {{"a", "cut off"}, {"b", ""}};
  const Restored restored = scene.restore_latest({});
  CHECK(restored.safety_copy.empty());
  CHECK(restored.targets[0].unfinished == "a restore, begun yesterday, was cut off");
  CHECK(scene.texts["a"] == "alpha");
}

TEST_CASE("restore: hooks stand around the safety copy as well, and are run once") {
  const test::Folder folder;
  Scene scene;
  scene.make();
  const auto line = [&](const std::string& words) {
    return "echo " + words + " $PRISMCTL_OPERATION >> " + (folder / "told").string();
  };
  scene.hooks["a"] = {line("before a"), line("after a")};
  scene.restore_latest({.force = true, .safety = {.hooks = {line("before"), line("after")}}});
  CHECK(read_file(folder / "told", 1000) ==
        "before restore\nbefore a restore\nafter a restore\nafter restore\n");
}

}  // namespace prism::backup
