#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/chunks.hpp>

#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using namespace std::string_literals;

constexpr std::size_t kMost = std::size_t{1} << 20;

std::string chunked(std::string_view message) {
  std::string out;
  append_chunks(out, {message});
  return out;
}

/// Fed in pieces of that size; what comes out.
std::vector<std::string> messages_of(std::string_view bytes, std::size_t piece) {
  Inbox inbox(kMost);
  std::vector<std::string> messages;
  while (!bytes.empty()) {
    inbox.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (; !inbox.empty(); inbox.pop()) messages.emplace_back(inbox.front());
  }
  return messages;
}

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i % 251);
  return text;
}

}  // namespace

TEST_CASE("neo4j: a message goes in chunks of at most 65535 bytes, ended by an empty one") {
  CHECK(chunked("abc") == "\0\3abc\0\0"s);
  CHECK(chunked(pattern(65'535)).size() == 65'535 + 4);
  const std::string longer = chunked(pattern(65'536));
  CHECK(longer.size() == 65'536 + 6);
  CHECK(longer.substr(65'537, 2) == "\0\1"s);
}

TEST_CASE("neo4j: the parts of a message follow each other whatever their sizes") {
  const std::string all = pattern(200'000);
  const std::string_view view = all;
  std::string out;
  append_chunks(out, {view.substr(0, 3), "", view.substr(3, 100'000), view.substr(100'003)});
  CHECK(out == chunked(all));
}

TEST_CASE("neo4j: messages come out of chunks whatever the pieces that arrive") {
  const std::string bytes = "\0\0"s + chunked("a") + "\0\0\0\0"s + chunked(pattern(70'000)) +
                            "\0\1x\0\2yz\0\0"s + "\0\0"s;
  const std::vector<std::string> expected{"a", pattern(70'000), "xyz"};
  for (const std::size_t piece : {1, 2, 3, 7, 1000, 65'536, 200'000}) {
    CAPTURE(piece);
    CHECK(messages_of(bytes, piece) == expected);
  }
}

TEST_CASE("neo4j: many messages wait in the inbox, in their order") {
  Inbox inbox(kMost);
  for (int i = 0; i < 1000; ++i) inbox.feed(chunked(std::to_string(i)));
  CHECK(inbox.size() == 1000);
  CHECK(inbox.at(999) == "999");
  for (int i = 0; i < 1000; ++i) {
    CHECK(inbox.front() == std::to_string(i));
    inbox.pop();
    if (i % 3 == 0) inbox.feed("\0\0"s);
  }
  CHECK(inbox.empty());
  CHECK(inbox.bytes() == 0);
}

TEST_CASE("neo4j: a message that is too large is refused before it has come") {
  Inbox inbox(100'000);
  inbox.feed("\xFF\xFF"s + pattern(65'535));
  const auto thrown = test::thrown_by([&] { inbox.feed("\xFF\xFF"s); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says("a message of more than "));
}

}  // namespace prism::neo4j
