// The input is an RDB, which is read as a dump and a check do; also with a right checksum, which is
// hard to come upon.

#include <cstring>

#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/lzf.hpp>
#include <prism/drivers/redis/rdb_reader.hpp>
#include <prism/drivers/redis/rdb_survey.hpp>

#include "check.hpp"
#include "support/text_stream.hpp"

namespace prism::redis::fuzz {
namespace {

using sheet::fuzz::accepted;
using sheet::fuzz::require_that;

class Text : public ByteSink {
 public:
  void write(std::string_view bytes) override { text += bytes; }
  void finish() override {}
  std::string text;
};

/// Whether each value is copied as it lies there.
class Values : public RdbVisitor {
 public:
  explicit Values(std::string_view rdb) : rdb_(rdb) {}

  ByteSink* key(const RdbKey& key) override {
    value_.text.clear();
    return key.name.size() % 2 == 0 ? &value_ : nullptr;
  }
  void value(const RdbKey& key, std::uint64_t size) override {
    if (key.name.size() % 2 != 0) return;
    require_that(value_.text.size() == size, "a value has another size than was told");
    require_that(rdb_.find(value_.text) != std::string_view::npos, "a value was changed");
  }

 private:
  std::string_view rdb_;
  Text value_;
};

void look_at(const std::string& bytes) {
  const Cancel cancel;
  std::uint64_t keys[2] = {};
  bool sound[2] = {};
  for (const std::size_t piece : {std::size_t{3}, std::size_t{10'000}}) {
    prism::test::TextSource source(bytes, piece);
    RdbSurvey survey;
    sound[piece > 3] = accepted([&] { read_rdb(source, survey, cancel); });
    keys[piece > 3] = survey.all_keys();
    require_that(survey.content().counts.size() <= bytes.size(), "more is counted than there is");
  }
  require_that(keys[0] == keys[1] && sound[0] == sound[1], "pieces make a difference");
  prism::test::TextSource source(bytes, 777);
  Values values(bytes);
  accepted([&] { read_rdb(source, values, cancel); });
  prism::test::TextSource again(bytes, 50);
  Text copy;
  const bool copied = accepted([&] {
    RdbReader reader(again, values, cancel, &copy);
    reader.read();
  });
  require_that(!sound[0] || (copied && copy.text == bytes), "a copy is another");
}

std::string mended(std::string bytes) {
  if (bytes.size() < sizeof(std::uint64_t)) return bytes;
  const std::size_t size = bytes.size() - sizeof(std::uint64_t);
  const std::uint64_t checksum = crc64(std::string_view(bytes).substr(0, size));
  std::memcpy(bytes.data() + size, &checksum, sizeof checksum);
  return bytes;
}

void look_at_lzf(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t size = static_cast<std::uint8_t>(bytes.front()) * 16U;
  const auto text = lzf_expanded(bytes.substr(1), size);
  require_that(!text || text->size() == size, "LZF makes another size than was asked for");
}

}  // namespace
}  // namespace prism::redis::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::redis::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  look_at(bytes);
  look_at(mended(bytes));
  look_at_lzf(bytes);
  return 0;
}
