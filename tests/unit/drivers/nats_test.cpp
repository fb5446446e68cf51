#include <functional>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/drivers/nats/address.hpp>
#include <prism/drivers/nats/base64.hpp>
#include <prism/drivers/nats/index.hpp>
#include <prism/drivers/nats/jetstream.hpp>
#include <prism/drivers/nats/memory_stream.hpp>
#include <prism/drivers/nats/message_lines.hpp>
#include <prism/drivers/nats/s2_reader.hpp>
#include <prism/drivers/nats/snapshot.hpp>
#include <prism/drivers/nats/subjects.hpp>
#include <prism/drivers/nats/tar_reader.hpp>

#include "support/tar.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::nats {
namespace {

using test::tar_end;
using test::tar_entry;
using test::text_of;
using test::TextSource;
using test::thrown_by;
using namespace std::string_literals;

std::string unpacked(const std::string& packed) {
  std::string out;
  unpack_s2_block(packed, 1000, out);
  return out;
}

const std::string kName = "\xFF\x06\x00\x00S2sTwO"s;

/// One block as it is, of `123456789`, whose CRC-32C is E3069283, masked.
std::string digits_chunk() {
  constexpr std::uint32_t kCrc = 0xE3069283;
  constexpr std::uint32_t kMasked = (kCrc >> 15 | kCrc << 17) + 0xA282EAD8;
  std::string chunk = "\x01\x0D\x00\x00"s;
  for (int shift = 0; shift < 32; shift += 8) chunk += static_cast<char>(kMasked >> shift);
  return chunk + "123456789";
}

std::string unframed(const std::string& text) {
  TextSource source(text, 7);
  S2Reader reader(source);
  return text_of(reader);
}

std::string listed(const std::string& tar) {
  TextSource source(tar, 1000);
  TarReader reader(source);
  std::string text;
  while (const auto file = reader.next()) text += file->name + "=" + text_of(reader) + ";";
  return text;
}

ErrorCode code_of(const std::function<void()>& action) { return thrown_by(action).code; }

}  // namespace

TEST_CASE("nats: URLs") {
  CHECK(parse_address("nats://localhost").text() == "nats://localhost:4222");
  CHECK(parse_address("tls://u:p%40@h1:1,h2,[::1]:3").text() == "tls://h1:1,h2:4222,[::1]:3");
  CHECK(parse_address("nats://u:p%40@h").password == "p@");
  CHECK(parse_address("nats://u:a@b,c@h1,h2").password == "a@b,c");
  CHECK(parse_address("nats://u:p@h1,nats://h2/").endpoints.size() == 2);
  CHECK(parse_address("nats://secret@h").token == "secret");
  for (const char* const url : {"http://h", "nats://", "nats://h:0", "nats://h:x", "nats://h/path",
                                "nats://h,", "nats://[::1", "nats://u:secret@h:99999"}) {
    CAPTURE(url);
    const auto thrown = thrown_by([&] { parse_address(url); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK_FALSE(thrown.says("secret"));
  }
}

TEST_CASE("nats: subjects overlap where one can fit both") {
  CHECK(overlap("a.b", "a.b"));
  CHECK(overlap("a.*", "*.b"));
  CHECK(overlap("a.>", "a.b.c"));
  CHECK(overlap(">", "a"));
  CHECK_FALSE(overlap("a.>", "a"));
  CHECK_FALSE(overlap("a.b", "a.c"));
  CHECK_FALSE(overlap("a.*", "a.b.c"));
}

TEST_CASE("nats: names of artifacts are plain, and each stream has its own") {
  CHECK(stem_of("ORDERS_a-1") == "ORDERS_a-1");
  CHECK(stem_of("Größe") == "GrC3.B6.C3.9F.e");
  CHECK(stem_of("../x") == "2E.2E.2F.x");
  CHECK(stem_of(std::string(200, 'a')).size() == 95);
  CHECK(stem_of(std::string(200, 'a')) != stem_of(std::string(201, 'a')));
}

TEST_CASE("nats: blocks of S2") {
  CHECK(unpacked("\x03\x08"s + "abc") == "abc");
  // A copy of 4 from 2 before, then 6 more from there without its offset.
  CHECK(unpacked("\x0C\x04"s + "ab" + "\x01\x02"s + "\x09\x00"s) == "abababababab");
  // The forms of a longer repetition: 5 and a byte is 4 more than that and 4.
  CHECK(unpacked("\x10\x04"s + "ab" + "\x01\x02"s + "\x15\x00\x02"s) == "abababababababab");
  // Copies with offsets of two and of four bytes.
  CHECK(unpacked("\x06\x04"s + "ab" + "\x06\x02\x00"s + "\x07\x02\x00\x00\x00"s).size() == 6);
  CHECK(unpacked("\x46\xF0\x45"s + std::string(70, 'x')) == std::string(70, 'x'));
  for (const std::string& bad :
       {""s, "\x03"s, "\x03\x08"s + "ab", "\x02\x08"s + "abc", "\x04\x08"s + "abc",
        "\x06\x04"s + "ab\x01\x03", "\x06\x04"s + "ab\x01\x00"s, "\xFF\xFF\xFF\xFF\xFF\xFF"s,
        "\xFF\xFF\x7F\x08"s + "abc", "\x06\x04"s + "ab\x01"}) {
    CAPTURE(bad);
    CHECK(code_of([&] { unpacked(bad); }) == ErrorCode::bad_data);
  }
}

TEST_CASE("nats: the framing of S2") {
  CHECK(unframed(kName) == "");
  CHECK(unframed(kName + digits_chunk() + digits_chunk()) == "123456789123456789");
  CHECK(unframed(kName + "\xFE\x03\x00\x00"s + "xyz" + digits_chunk() + kName) == "123456789");
  std::string flipped = digits_chunk();
  flipped.back() ^= 1;
  for (const std::string& bad :
       {""s, digits_chunk(), "\xFF\x06\x00\x00S2sTwX"s, kName + flipped, kName + "\x01"s,
        kName + digits_chunk().substr(0, 12), kName + "\x02\x00\x00\x00"s,
        kName + "\x01\x03\x00\x00"s + "abc", kName + "\x00\xFF\xFF\xFF"s}) {
    CAPTURE(bad);
    CHECK(code_of([&] { unframed(bad); }) == ErrorCode::bad_data);
  }
}

TEST_CASE("nats: tar") {
  CHECK(listed(tar_entry("a", "1") + tar_entry("b/c", std::string(600, 'x')) + tar_end()) ==
        "a=1;b/c=" + std::string(600, 'x') + ";");
  CHECK(listed(tar_entry("x", "13 path=long\n15 mtime=1.234\n", 'x') + tar_entry("a", "1") +
               tar_end()) == "long=1;");
  std::string flipped = tar_entry("a", "1");
  flipped[0] ^= 1;
  for (const std::string& bad :
       {""s, tar_entry("a", "1"), flipped + tar_end(), tar_entry("a", "1", '5') + tar_end(),
        tar_entry("a", "1", '2') + tar_end(), tar_entry("a", "1") + std::string(512, '\0'),
        tar_entry("a", "1").substr(0, 600), tar_end() + tar_entry("a", "1"),
        tar_entry("x", "99 path=long\n", 'x') + tar_entry("a", "1") + tar_end(),
        tar_entry("x", "13 path=long\n", 'x') + tar_end()}) {
    CHECK(code_of([&] { listed(bad); }) == ErrorCode::bad_data);
  }
}

TEST_CASE("nats: Base64") {
  CHECK(decoded_base64("") == "");
  CHECK(decoded_base64("YQ==") == "a");
  CHECK(decoded_base64("YWI=") == "ab");
  CHECK(decoded_base64("YWJj") == "abc");
  for (const char* const bad : {"Y", "YQ=", "Y===", "Y=Q=", "YQ==YQ==", " YQ=", "YWJ*"}) {
    CAPTURE(bad);
    CHECK_FALSE(decoded_base64(bad).has_value());
  }
}

TEST_CASE("nats: lines of messages") {
  const auto read = [](const std::string& text) {
    TextSource source(text, 7);
    MessageLines lines(source, "S");
    std::string all;
    while (const auto message = lines.next()) {
      all += fmt::format("{} {} {};", message->sequence, message->subject, message->data);
    }
    return all;
  };
  const std::string first = first_message_line("S"), last = last_message_line(1);
  const std::string line = R"({"seq":5,"subject":"a.b","data":"YQ=="})" + "\n"s;
  CHECK(read(first + last_message_line(0)) == "");
  CHECK(read(first + line + last) == "5 a.b a;");
  for (const std::string& bad :
       {""s, first, first + line, first + last, first_message_line("T") + line + last,
        first + line + line + last_message_line(2), first + line + last + line,
        first + line + last.substr(0, last.size() - 1), first + "[]\n" + last,
        first + R"({"seq":5,"subject":"a.b","data":"?"})" + "\n" + last,
        first + R"({"seq":-5,"subject":""})" + "\n" + last}) {
    CAPTURE(bad);
    CHECK(code_of([&] { read(bad); }) == ErrorCode::bad_data);
  }
}

TEST_CASE("nats: a stream in memory of which too much is gone is not copied") {
  Stream stream{{{"name", "S"}, {"storage", "memory"}},
                {{"messages", 3}, {"first_seq", 11}, {"last_seq", 20}}};
  CHECK(stream.gaps() == 7);
  CHECK(why_not_copied(stream) == "");
  stream.state["last_seq"] = 5'000'000'000;
  CHECK(why_not_copied(stream).find("4,999,999,987 messages are gone") != std::string::npos);
  stream.state["messages"] = 0;
  CHECK(stream.gaps() == 0);
  CHECK(why_not_copied(stream) == "");
  stream.config["subject_transform"] = {{"src", "a.>"}, {"dest", "b.>"}};
  CHECK(why_not_copied(stream) == "in memory, and transforms subjects");
}

TEST_CASE("nats: a list of which a cluster lacks some is none") {
  const auto code = [](const Json& answer) {
    return code_of([&] { require_all(answer, "nats://a", "the list of streams"); });
  };
  CHECK(code({{"streams", Json::array()}, {"missing", {"ORDERS"}}}) == ErrorCode::unavailable);
  CHECK(code({{"offline", {{"ORDERS", "unsupported"}}}}) == ErrorCode::unavailable);
  require_all({{"streams", Json::array()}, {"missing", nullptr}, {"offline", Json::object()}}, "",
              "");
}

TEST_CASE("nats: the index of a backup") {
  Index index{"2.9.10",
              {{"A", "A", Form::snapshot, 5, 2, false, true},
               {"B", "B", Form::messages, 1, 1, true, false}},
              {"C"}};
  const Index again = parse_index(index.to_json());
  CHECK(again.streams == index.streams);
  CHECK(again.left_out == index.left_out);
  CHECK(index.counts() == backup::Counts{{"streams", 2},
                                         {"consumers", 3},
                                         {"messages", 6},
                                         {"messages of A", 5},
                                         {"messages of B", 1}});
  CHECK(index.artifacts() == std::vector<std::string>{"streams.json", "A.backup.json",
                                                      "A.stream.tar.s2", "B.backup.json",
                                                      "B.messages.jsonl", "B.consumers.json"});
  CHECK(Index().counts().empty());
  index.streams.push_back(index.streams[0]);
  CHECK(code_of([&] { parse_index(index.to_json()); }) == ErrorCode::bad_data);
  index.streams = {{"A", "../A", Form::snapshot, 0, 0, false, false}};
  CHECK(code_of([&] { parse_index(index.to_json()); }) == ErrorCode::bad_data);
  for (const char* const bad : {"", "{}", "[]", "null", R"({"format": "x"})"}) {
    CHECK(code_of([&] { parse_index(bad); }) == ErrorCode::bad_data);
  }
}

}  // namespace prism::nats
