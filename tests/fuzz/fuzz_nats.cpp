// The input is a snapshot of a stream, its tar or one block of it, lines of messages, an index or
// a URL: each is read as a check does.

#include <isa-l/crc.h>

#include <prism/drivers/nats/address.hpp>
#include <prism/drivers/nats/index.hpp>
#include <prism/drivers/nats/message_lines.hpp>
#include <prism/drivers/nats/s2_reader.hpp>
#include <prism/drivers/nats/snapshot.hpp>
#include <prism/drivers/nats/subjects.hpp>

#include "check.hpp"
#include "support/text_stream.hpp"

namespace prism::nats::fuzz {
namespace {

using sheet::fuzz::accepted;
using sheet::fuzz::require_that;

struct Seen {
  bool sound = false;
  Snapshot snapshot;
  bool operator==(const Seen& other) const {
    return sound == other.sound && snapshot.digest == other.snapshot.digest &&
           snapshot.messages == other.snapshot.messages;
  }
};

Seen seen(std::string_view s2, std::size_t piece) {
  const Cancel cancel;
  prism::test::TextSource source(s2, piece);
  Seen seen;
  seen.sound = accepted([&] { seen.snapshot = read_snapshot(source, cancel, DigestOf::messages); });
  return seen;
}

void look_at_snapshot(std::string_view s2) {
  require_that(seen(s2, 3) == seen(s2, 10'000), "pieces make a difference");
}

/// A tar in S2 with the right checksums, which are hard to come upon.
std::string framed(std::string tar) {
  std::string s2("\xFF\x06\x00\x00S2sTwO", 10);
  const std::uint32_t crc = ~crc32_iscsi(reinterpret_cast<unsigned char*>(tar.data()),
                                         static_cast<int>(tar.size()), 0xFFFFFFFF);
  const std::uint32_t masked = (crc >> 15 | crc << 17) + 0xA282EAD8;
  const std::size_t size = tar.size() + 4;
  s2 += '\x01';
  for (int shift = 0; shift < 24; shift += 8) s2 += static_cast<char>(size >> shift);
  for (int shift = 0; shift < 32; shift += 8) s2 += static_cast<char>(masked >> shift);
  return s2 + tar;
}

void look_at_block(std::string_view bytes) {
  constexpr std::size_t kMost = 100'000;
  std::string out;
  if (accepted([&] { unpack_s2_block(bytes, kMost, out); })) {
    require_that(out.size() <= kMost, "a block is larger than it may be");
  }
}

void look_at_lines(std::string_view bytes) {
  std::uint64_t last = 0;
  accepted([&] {
    prism::test::TextSource source(bytes, 777);
    MessageLines lines(source, "S");
    while (const auto message = lines.next()) {
      require_that(message->sequence > last, "messages are not in order");
      last = message->sequence;
    }
  });
}

void look_at_index(std::string_view bytes) {
  accepted([&] {
    const Index index = parse_index(bytes);
    require_that(parse_index(index.to_json()).streams == index.streams, "an index is another");
    for (const std::string& name : index.artifacts()) {
      require_that(name.find('/') == std::string::npos && name[0] != '.', "a name leads out");
    }
  });
}

void look_at_texts(const std::string& text) {
  try {
    const Address address = parse_address(text);
    require_that(!address.endpoints.empty(), "a URL of no server");
  } catch (const Error& e) {
    require_that(e.code() == ErrorCode::configuration, "a URL is refused in another way");
  }
  const auto blank = std::min(text.find(' '), text.size());
  const std::string_view a = std::string_view(text).substr(0, blank);
  const std::string_view b = std::string_view(text).substr(std::min(blank + 1, text.size()));
  require_that(overlap(a, b) == overlap(b, a), "an overlap has a direction");
}

}  // namespace
}  // namespace prism::nats::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::nats::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  look_at_snapshot(bytes);
  look_at_snapshot(framed(bytes));
  look_at_block(bytes);
  look_at_lines(bytes);
  look_at_index(bytes);
  look_at_texts(bytes);
  return 0;
}
