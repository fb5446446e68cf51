#include <doctest/doctest.h>

#include <prism/backup/restore.hpp>
#include <prism/base/error.hpp>

#include "support/memory_repository.hpp"
#include "support/quiet.hpp"
#include "support/thrown.hpp"
#include "unit/backup/text_component.hpp"

namespace prism::backup {
namespace {

std::unique_ptr<Component> of_kind(const std::string&) {
  static std::string none;
  return std::make_unique<TextComponent>(none);
}

/// Two targets, `a` before `b`, and a backup of both.
struct Scene {
  Scene() {
    auto all = components();
    make_backup(repository, all, {}, quiet.context());
  }

  std::vector<NamedComponent> components() {
    std::vector<NamedComponent> all;
    for (auto& [name, text] : texts) {
      all.push_back({.name = name,
                     .kind = "text",
                     .cancel = std::make_unique<Cancel>(&quiet.cancel()),
                     .component = std::make_unique<TextComponent>(text)});
      all.back().hooks = hooks;
      all.back().time_limit = time_limit;
    }
    return all;
  }

  test::Thrown restoring(bool dry_run = false) {
    auto all = components();
    return test::thrown_by([&] {
      restore(repository, find_backup(repository, "latest"), all,
              {.force = true, .dry_run = dry_run, .safety_copy = false}, of_kind, quiet.context());
    });
  }

  test::MemoryRepository repository;
  test::Quiet quiet;
  Hooks hooks;
  std::chrono::seconds time_limit{0};
  std::map<std::string, std::string> texts{{"a", "alpha"}, {"b", "beta"}};
};

/// One that takes a while to answer again.
class SlowComponent : public TextComponent {
 public:
  using TextComponent::TextComponent;
  std::optional<Content> present(Look look) override {
    if (left_ > 0 && --left_ > 0) throw Error(ErrorCode::unavailable, "not yet");
    return TextComponent::present(look);
  }
  Content restore(ArtifactReader& artifacts) override {
    left_ = 3;
    return TextComponent::restore(artifacts);
  }

 private:
  int left_ = 0;
};

}  // namespace

TEST_CASE("restore: a target that a hook has started again is given time to answer") {
  for (const bool has_hook : {true, false}) {
    for (const bool safety_copy : {true, false}) {
      CAPTURE(has_hook);
      CAPTURE(safety_copy);
      Scene scene;
      auto all = scene.components();
      all[0].component = std::make_unique<SlowComponent>(scene.texts["a"]);
      if (has_hook) all[0].hooks.after = "true";
      const Restored restored =
          restore(scene.repository, find_backup(scene.repository, "latest"), all,
                  {.force = true, .safety_copy = safety_copy}, of_kind, scene.quiet.context());
      CHECK(restored.targets[0].trouble == (has_hook ? "" : "not yet"));
    }
  }
}

TEST_CASE("restore: what would end it for one target ends it before the first is touched") {
  Scene scene;
  scene.texts = {{"a", "changed"}, {"b", "too old"}};
  for (const bool dry_run : {false, true}) {
    CHECK(scene.restoring(dry_run).code == ErrorCode::configuration);
    CHECK(scene.texts["a"] == "changed");
  }
}

TEST_CASE("restore: a failure once a target was begun is critical, a refusal by the first is not") {
  Scene scene;
  scene.texts["a"] = "in use";
  CHECK(scene.restoring().code == ErrorCode::locked);
  scene.texts["a"] = "breaks";
  CHECK(scene.restoring().code == ErrorCode::critical);
  scene.texts = {{"a", "changed"}, {"b", "in use"}};
  const test::Thrown second = scene.restoring();
  CHECK(second.code == ErrorCode::critical);
  CHECK(second.hint.find("restored already: a") != std::string::npos);
}

TEST_CASE("restore: what ends it half-way is critical, whatever ended it") {
  Scene scene;
  scene.texts = {{"a", "half way"}, {"b", "beta"}};
  const auto half = scene.restoring();
  CHECK(half.code == ErrorCode::critical);
  CHECK(half.says("target a: may not write"));
  CHECK(half.hint == "the restore is unfinished: the same again finishes it");
}

TEST_CASE("restore: the time limit of a target holds for its hook as well") {
  Scene scene;
  scene.hooks.before = "sleep 60";
  scene.time_limit = std::chrono::seconds(1);
  scene.texts["a"] = "changed";
  CHECK(scene.restoring().code == ErrorCode::unavailable);
  CHECK(scene.texts["a"] == "changed");
}

}  // namespace prism::backup
