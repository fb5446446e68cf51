#include <doctest/doctest.h>

#include "contract/component.hpp"
#include "support/memory_artifacts.hpp"
#include "support/nats.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

/// A whole server, of which a restore leaves nothing that the backup lacks.
class NatsTarget : public contract::ComponentFixture {
 public:
  NatsTarget() : own_("nats"), url_(own_.value("PRISM_TEST_NATS")) { test::fill_nats(url_); }

  std::unique_ptr<backup::Component> open() override {
    return test::nats_target(url_, quiet_, true);
  }
  std::string state() override { return test::NatsClient(url_).state(); }
  void change() override { test::change_nats(url_); }
  void remove() override { test::NatsClient(url_).remove_all(); }

  const std::string& url() const { return url_; }
  test::Quiet& quiet() { return quiet_; }

 private:
  test::PrivateServer own_;
  std::string url_;
  test::Quiet quiet_;
};

void check(void (*check)(contract::ComponentFixture&)) {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget fixture;
  check(fixture);
}

/// A server without streams is there: it is dumped, and restored as empty.
void check_empty(contract::ComponentFixture& fixture) {
  fixture.remove();
  const auto empty = fixture.state();
  test::MemoryArtifacts artifacts;
  CHECK(fixture.open()->dump(artifacts).counts.empty());
  CHECK(fixture.open()->check(artifacts).counts.empty());
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::counted).has_value());
  test::NatsClient(static_cast<NatsTarget&>(fixture).url()).add_stream("NEWER", {});
  CHECK(fixture.state() != empty);
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == empty);
}

}  // namespace

// Not check_missing_target: a server without streams is no missing one, see check_empty. Not
// check_restore_of_what_is_damaged: nothing of it would be served.
#define PRISM_NATS_CASES(CASE)                                                                \
  CASE(contract::check_dump_and_restore, "dump, change, restore: all is as it was")           \
  CASE(contract::check_restore_of_what_is_gone, "what is gone comes back")                    \
  CASE(contract::check_counts, "target, dump, artifacts and restore are counted alike")       \
  CASE(contract::check_damaged_artifacts, "damaged artifacts are refused and change nothing") \
  CASE(check_empty, "a server without streams is a target")

#define CASE(name, words) \
  TEST_CASE("contract: nats target: " words) { check(name); }
PRISM_NATS_CASES(CASE)
#undef CASE

TEST_CASE("contract: nats target: a consumer goes on where it stood, and redelivers") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget target;
  test::MemoryArtifacts artifacts;
  target.open()->dump(artifacts);
  target.remove();
  target.open()->restore(artifacts);
  test::NatsClient client(target.url());
  const auto billing = client.call("CONSUMER.INFO.ORDERS.billing");
  // Of the first 20 messages there, which begin at 2, five are acknowledged: 2, 3, 4, 7 and 11.
  CHECK(billing.at("ack_floor").at("stream_seq") == 4);
  CHECK(billing.at("num_ack_pending") == 15);
  CHECK(client.call("CONSUMER.INFO.EVENTS.watcher").at("delivered").at("stream_seq") == 8);
  client.take("EVENTS", "watcher", 1, {0});
  CHECK(client.call("CONSUMER.INFO.EVENTS.watcher").at("ack_floor").at("stream_seq") == 9);
}

TEST_CASE("contract: nats target: without exact, other streams stay") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget target;
  test::MemoryArtifacts artifacts;
  target.open()->dump(artifacts);
  target.change();
  test::nats_target(target.url(), target.quiet())->restore(artifacts);
  auto names = test::NatsClient(target.url()).streams();
  CHECK(std::count(names.begin(), names.end(), "NEWER") == 1);
  CHECK(std::count(names.begin(), names.end(), "WORK") == 1);
}

TEST_CASE("contract: nats target: a stream that stays and takes the same subjects is in the way") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget target;
  test::MemoryArtifacts artifacts;
  target.open()->dump(artifacts);
  test::NatsClient client(target.url());
  client.call("STREAM.DELETE.WORK");
  client.add_stream("OTHER", {{"subjects", {"work.*"}}});
  const std::string before = target.state();
  const auto thrown =
      test::thrown_by([&] { test::nats_target(target.url(), target.quiet())->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("OTHER"));
  CHECK(target.state() == before);
  target.open()->restore(artifacts);
  CHECK(client.streams() == std::vector<std::string>{"A_COPY", "EVENTS", "GONE", "Größe",
                                                     "KV_settings", "OBJ_files", "ORDERS", "WORK"});
}

TEST_CASE("contract: nats target: what can't be copied is named, and stays") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget target;
  test::NatsClient client(target.url());
  client.add_stream("INTEREST", {{"storage", "memory"}, {"retention", "interest"}});
  client.add_stream("SHADOW", {{"storage", "memory"}, {"mirror", {{"name", "ORDERS"}}}});
  client.publish("events.1", "x", {{"Nats-Expected-Last-Sequence", "60"}});
  test::MemoryArtifacts artifacts;
  const auto content = target.open()->dump(artifacts);
  REQUIRE(content.left_out.size() == 3);
  CHECK(content.left_out[0].find("Nats-Expected-…") != std::string::npos);
  CHECK(content.left_out[1].find("stream INTEREST: in memory") == 0);
  CHECK(content.left_out[2].find("stream SHADOW: in memory") == 0);
  CHECK(content.counts.at("streams") == 8);
  CHECK(target.open()->check(artifacts).counts == content.counts);
  target.open()->restore(artifacts);
  const auto names = client.streams();
  CHECK(std::count(names.begin(), names.end(), "INTEREST") == 1);
  CHECK(client.call("STREAM.INFO.EVENTS").at("state").at("last_seq") == 61);
}

TEST_CASE("contract: nats target: messages of subjects that a stream has given up are left out") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget target;
  test::NatsClient client(target.url());
  client.add_stream("MOVED", {{"storage", "memory"}, {"subjects", {"old.>"}}});
  client.publish("old.1", "before");
  auto config = client.call("STREAM.INFO.MOVED").at("config");
  config["subjects"] = {"new.>"};
  client.call("STREAM.UPDATE.MOVED", config);
  client.publish("new.1", "after");
  test::MemoryArtifacts artifacts;
  const auto content = target.open()->dump(artifacts);
  REQUIRE(content.left_out.size() == 1);
  CHECK(content.left_out[0] ==
        "stream MOVED, in memory: 1 messages of subjects that it no longer takes");
  target.open()->restore(artifacts);
  const auto state = client.call("STREAM.INFO.MOVED").at("state");
  CHECK(state.at("first_seq") == 2);
  CHECK(state.at("messages") == 1);

  // As one that knew nothing of it has dumped it.
  std::string& lines = artifacts.content.at("MOVED.messages.jsonl");
  lines.replace(lines.find("new.1"), 5, "old.1");
  const std::string before = target.state();
  CHECK(test::thrown_by([&] { target.open()->restore(artifacts); }).code == ErrorCode::bad_data);
  CHECK(target.state() == before);
}

TEST_CASE("contract: nats target: a stream that no copy can be made of is not replaced") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  NatsTarget target;
  test::NatsClient client(target.url());
  test::MemoryArtifacts artifacts;
  target.open()->dump(artifacts);
  client.call("STREAM.DELETE.ORDERS");
  client.add_stream("ORDERS", {{"storage", "memory"}, {"retention", "interest"}});
  const std::string before = target.state();
  const auto thrown = test::thrown_by([&] { target.open()->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("stream ORDERS, which the restore would remove"));
  CHECK(target.state() == before);
  client.call("STREAM.DELETE.ORDERS");
  target.open()->restore(artifacts);
}

}  // namespace prism
