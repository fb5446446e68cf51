#include <doctest/doctest.h>

#include <prism/backup/make_backup.hpp>
#include <prism/backup/restore_test.hpp>

#include "support/memory_repository.hpp"
#include "support/quiet.hpp"
#include "unit/backup/text_component.hpp"

namespace prism::backup {
namespace {

/// A text that is thrown away; `spoil` is put behind what is restored into it.
class ScratchText : public ScratchTarget {
 public:
  explicit ScratchText(std::string spoil) : spoil_(std::move(spoil)) {}

  std::string location() const override { return "a scratch text"; }
  Component& component() override { return component_; }
  Found examine(ArtifactReader& artifacts) override {
    text_ += spoil_;
    return {{{"letters", text_.size()}}, {{"text", test::text_of(*artifacts.open("txt")), text_}}};
  }

 private:
  std::string text_;
  std::string spoil_;
  TextComponent component_{text_};
};

struct Scene {
  Scene() {
    for (auto& [name, text] : texts) {
      all.push_back({.name = name,
                     .kind = "text",
                     .cancel = nullptr,
                     .component = std::make_unique<TextComponent>(text)});
    }
    make_backup(repository, all, {}, quiet.context());
  }

  Verified test(const std::string& spoil = "") {
    const auto scratch = [&](const TargetRecord& target, const Cancel&) {
      if (target.name == "c") throw Error(ErrorCode::configuration, "no scratch server");
      return std::make_unique<ScratchText>(spoil);
    };
    return test_restore(repository, find_backup(repository, "latest"), scratch, {},
                        quiet.context());
  }

  test::MemoryRepository repository;
  test::Quiet quiet;
  std::map<std::string, std::string> texts{{"a", "alpha"}, {"b", "beta"}};
  std::vector<NamedComponent> all;
};

}  // namespace

TEST_CASE("restore test: what is restored is as much as the manifest says, and the same") {
  Scene scene;
  const Verified tested = scene.test();
  REQUIRE(tested.targets.size() == 2);
  CHECK(tested.is_good());
  CHECK(tested.is_whole());
  const TargetProof& target = tested.targets[0];
  CHECK(target.location == "a scratch text");
  REQUIRE(target.checks.size() == 2);
  CHECK(target.checks[0].what == "number of letters");
  CHECK(target.checks[0].found == "5");
  CHECK(target.checks[1].found == "alpha");
  CHECK(scene.texts["a"] == "alpha");
}

TEST_CASE("restore test: what differs is bad, in both figures") {
  Scene scene;
  const Verified tested = scene.test("!");
  CHECK_FALSE(tested.is_good());
  CHECK(tested.targets[0].outcome() == Outcome::bad);
  CHECK(tested.targets[0].checks[0].expected == "5");
  CHECK(tested.targets[0].checks[0].found == "6");
}

TEST_CASE("restore test: damage, and a target without a place to restore it into") {
  Scene scene;
  const std::string id = find_backup(scene.repository, "latest").id;
  scene.repository.content(object_name(id, "b.txt.zst"))[6] ^= 1;
  const Verified damaged = scene.test();
  CHECK_FALSE(damaged.is_good());
  CHECK(damaged.targets[1].trouble.find("damaged") != std::string::npos);

  Scene other;
  other.texts["c"] = "gamma";
  other.all.push_back({.name = "c",
                       .kind = "text",
                       .cancel = nullptr,
                       .component = std::make_unique<TextComponent>(other.texts["c"])});
  make_backup(other.repository, other.all, {}, other.quiet.context());
  const Verified untested = other.test();
  CHECK(untested.is_good());
  CHECK_FALSE(untested.is_whole());
  CHECK_FALSE(untested.targets[2].tested);
  CHECK(untested.targets[2].trouble == "no scratch server");
}

TEST_CASE("proof: damage of the whole backup is bad, and in the report; no target is not good") {
  Proof proof;
  proof.backup = "20261121T101500Z-1a2b";
  proof.trouble = "no manifest";
  CHECK(proof.outcome() == Outcome::bad);
  CHECK(to_json_text(proof).find("\"trouble\": \"no manifest\"") != std::string::npos);
  const std::string page = to_page(proof);
  CHECK(page.find("1a2b: bad") != std::string::npos);
  CHECK(page.find("no manifest") != std::string::npos);
  proof.trouble.clear();
  CHECK(proof.outcome() == Outcome::partial);
  proof.targets = {{.name = "a", .trouble = "no answer", .tested = false}};
  CHECK(to_page(proof).find("  not tested: no answer") != std::string::npos);
}

TEST_CASE("proof: a report is kept as JSON and as a page, and found again") {
  test::MemoryRepository repository;
  Proof proof{.kind = ProofKind::restore_test,
              .backup = "20261121T101500Z-1a2b",
              .started = "2026-11-21T10:20:00Z",
              .finished = "2026-11-21T10:21:00Z",
              .user = "nora",
              .host = "db1",
              .tool = "prismctl 1",
              .repository = "/backups",
              .targets = {{.name = "store",
                           .kind = "sqlite",
                           .location = "/tmp/x",
                           .stored_bytes = 1500,
                           .seconds = 1,
                           .checks = {{"rows of fact", "3", "3"}, {"rows of user", "2", "1"}}}}};
  const std::string name = keep_proof(repository, proof);
  const std::string page = repository.content(name + ".txt");
  for (const char* const words :
       {"Restore test of backup 20261121T101500Z-1a2b: bad", "nora on db1",
        "[ok]   rows of fact: 3", "[FAIL] rows of user: expected 2, found 1"}) {
    CAPTURE(words);
    CHECK(page.find(words) != std::string::npos);
  }
  CHECK(repository.content(name + ".json").find("\"outcome\": \"bad\"") != std::string::npos);
  proof.kind = ProofKind::verify;
  proof.targets[0].checks.clear();
  keep_proof(repository, proof);
  const auto kept = list_proofs(repository);
  REQUIRE(kept.size() == 2);
  std::size_t good = 0;
  for (const KeptProof& one : kept) {
    CHECK(one.backup == proof.backup);
    good += one.outcome == Outcome::good ? 1 : 0;
    CHECK((one.kind == ProofKind::verify) == (one.outcome == Outcome::good));
  }
  CHECK(good == 1);
  CHECK(list_backups(repository).empty());
  const auto later = std::chrono::system_clock::now() + std::chrono::hours(91 * 24);
  proof.kind = ProofKind::verify;
  keep_proof(repository, proof);
  remove_old_proofs(repository, std::chrono::system_clock::now());
  CHECK(list_proofs(repository).size() == 3);
  remove_old_proofs(repository, later);
  CHECK(list_proofs(repository).size() == 2);
}

TEST_CASE("proof: reports of one second are in the order in which they were written") {
  test::MemoryRepository repository;
  std::vector<std::string> written;
  for (int i = 0; i < 20; ++i) {
    Proof proof;
    proof.backup = "20261121T101500Z-10" + std::to_string(10 + i);
    keep_proof(repository, proof);
    written.push_back(proof.backup);
  }
  std::vector<std::string> listed;
  for (const KeptProof& one : list_proofs(repository)) listed.push_back(one.backup);
  CHECK(listed == written);
}

}  // namespace prism::backup
