#include <doctest/doctest.h>

#include <prism/backup/shared_progress.hpp>

#include "support/memory_artifacts.hpp"
#include "support/text_stream.hpp"

namespace prism::backup {
namespace {

/// Keeps what it is told.
class Told : public Progress {
 public:
  void begin(std::string_view what, std::uint64_t total, std::string_view unit) override {
    said = std::string(what) + " " + std::to_string(total) + " " + std::string(unit);
  }
  void advance(std::uint64_t count) override { bytes += count; }
  void detail(std::string_view words) override { details.emplace_back(words); }
  void end() override { ended = true; }

  std::string said;
  std::uint64_t bytes = 0;
  std::vector<std::string> details;
  bool ended = false;
};

}  // namespace

TEST_CASE("progress of several targets: all bytes together, and those of each") {
  Told told;
  {
    SharedProgress progress(told, "backup");
    test::MemoryArtifacts artifacts;
    progress.begin("store");
    progress.begin("cache");
    CountedWriter writer(artifacts, progress, "store");
    const auto sink = writer.create("db");
    sink->write(std::string(1500, 'x'));
    sink->finish();
    CHECK(told.details.back() == "cache 0 B, store 1.5 kB");
    CountedReader reader(artifacts, progress, "cache");
    CHECK(test::text_of(*reader.open("db")).size() == 1500);
    CHECK(told.details.back() == "cache 1.5 kB, store 1.5 kB");
    progress.end("store");
    CHECK(told.details.back() == "cache 1.5 kB");
    writer.passed(250);
    reader.passed(500);
    CHECK(told.details.back() == "cache 2.0 kB, store 250 B");
  }
  CHECK(told.said == "backup 0 bytes");
  CHECK(told.bytes == 3750);
  CHECK(told.ended);
}

}  // namespace prism::backup
