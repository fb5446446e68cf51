#include <condition_variable>
#include <functional>
#include <mutex>

#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/health/look.hpp>

namespace prism::health {
namespace {

/// Does what a test wants.
class Scripted : public Probe {
 public:
  explicit Scripted(std::function<Reading()> look) : look_(std::move(look)) {}
  Reading look(Depth) override { return look_(); }

 private:
  std::function<Reading()> look_;
};

NamedProbe probe(const std::string& name, const Cancel& cancel, std::function<Reading()> look) {
  return {.name = name,
          .kind = "scripted",
          .cancel = std::make_unique<Cancel>(&cancel),
          .probe = std::make_unique<Scripted>(std::move(look))};
}

Reading with_metric(Metric metric) {
  Reading reading;
  reading.metrics.push_back(std::move(metric));
  return reading;
}

}  // namespace

TEST_CASE("health: metrics are judged by their limits, those of the operator before their own") {
  struct Row {
    double value;
    bool least;
    LimitsByName set;
    State state;
  };
  const Limits own{10.0, 20.0};
  const Row rows[] = {
      {9.9, false, {}, State::ok},
      {10, false, {}, State::warning},
      {20, false, {}, State::critical},
      {10, true, {}, State::warning},
      {20, true, {}, State::ok},
      {9.9, true, {}, State::critical},
      {15, false, {{"jobs", {16.0, {}}}}, State::ok},
      {15, false, {{"jobs", {{}, 15.0}}}, State::critical},
      {15, false, {{"other", {1.0, 1.0}}}, State::warning},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CAPTURE(row.least);
    Metric metric{"jobs", row.value, "", row.least ? Limits{20.0, 10.0} : own, row.least, "q", {}};
    Reading reading = with_metric(metric);
    judge(reading, row.set);
    CHECK(reading.state == row.state);
    CHECK(reading.problems.empty() == (row.state == State::ok));
  }
  Reading reading = with_metric({"jobs", 15, "s", {10.0, {}}, false, "q", "work left"});
  judge(reading, {});
  CHECK(reading.problems == std::vector<std::string>{"work left of q: 15 s, warning from 10 s"});
}

TEST_CASE("health: what throws is down, and the others are looked at all the same") {
  const Cancel cancel;
  std::vector<NamedProbe> probes;
  probes.push_back(probe("a", cancel, [] { return Reading{.version = "1"}; }));
  probes.push_back(
      probe("b", cancel, []() -> Reading { throw Error(ErrorCode::unavailable, "no server"); }));
  probes.push_back(
      probe("c", cancel, []() -> Reading { throw Error(ErrorCode::unavailable, "no upstream"); }));
  probes.back().worst = State::warning;
  const auto seen = look_at_all(probes, Depth::normal, cancel);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].up);
  CHECK(seen[0].reading.version == "1");
  CHECK(seen[0].reading.state == State::ok);
  CHECK_FALSE(seen[1].up);
  CHECK(seen[1].reading.state == State::critical);
  CHECK(seen[1].reading.problems == std::vector<std::string>{"no server"});
  CHECK_FALSE(seen[2].up);
  CHECK(seen[2].reading.state == State::warning);
}

TEST_CASE("health: all are looked at side by side") {
  const Cancel cancel;
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  // Each ends only once all have begun.
  const auto meet = [&] {
    std::unique_lock lock(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [&] { return waiting == 5; });
    return Reading();
  };
  std::vector<NamedProbe> probes;
  for (const char* const name : {"a", "b", "c", "d", "e"}) {
    probes.push_back(probe(name, cancel, meet));
  }
  for (const auto& seen : look_at_all(probes, Depth::normal, cancel)) CHECK(seen.up);
}

TEST_CASE("health: one that takes too long is given up, and its time limit is told") {
  const Cancel cancel;
  std::vector<NamedProbe> probes;
  probes.push_back(probe("slow", cancel, [] { return Reading(); }));
  const Cancel* const limit = probes[0].cancel.get();
  probes[0].probe = std::make_unique<Scripted>([limit]() -> Reading {
    for (;;) limit->check();
  });
  probes[0].time_limit = std::chrono::seconds(1);
  const auto seen = look_at_all(probes, Depth::normal, cancel);
  CHECK_FALSE(seen[0].up);
  CHECK(seen[0].reading.problems ==
        std::vector<std::string>{"took longer than its time limit of 1 s"});
}

}  // namespace prism::health
