// The input is what a Neo4j server sends: PackStream, a message, or messages in chunks.

#include <prism/drivers/neo4j/answers.hpp>
#include <prism/drivers/neo4j/chunks.hpp>
#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/routing.hpp>

#include "check.hpp"

namespace prism::neo4j::fuzz {
namespace {

using sheet::fuzz::require_that;

/// Whether `action` came to its end. What it throws must be an Error with a message.
template <typename Action>
bool accepted(Action&& action) {
  try {
    std::forward<Action>(action)();
    return true;
  } catch (const Error& refusal) {
    const std::string_view message = refusal.what();
    require_that(!message.empty() && message.size() < 1000, "a refusal says nothing, or too much");
  }
  return false;
}

std::string packed(const Value& value) {
  std::string bytes;
  Packer(bytes).value(value);
  return bytes;
}

/// A value is passed over as far as it is read, and comes back from what is packed of it.
void check_value(std::string_view bytes) {
  Unpacker reader(bytes);
  Value value;
  if (!accepted([&] { value = reader.value(); })) return;
  Unpacker skipper(bytes);
  require_that(accepted([&] { skipper.skip(); }), "a value that is read can't be passed over");
  require_that(skipper.offset() == reader.offset(), "a value is passed over too far or not enough");
  const std::string once = packed(value);
  Unpacker again(once);
  const Value second = again.value();
  require_that(again.at_end(), "a value comes back shorter than it was packed");
  require_that(packed(second) == once, "a value comes back as another");
}

/// All the values that there are, one behind the other.
void check_skipping(std::string_view bytes) {
  Unpacker unpacker(bytes);
  accepted([&] {
    while (!unpacker.at_end()) {
      const std::size_t before = unpacker.offset();
      unpacker.skip();
      require_that(unpacker.offset() > before, "nothing is passed over");
    }
  });
  require_that(unpacker.offset() <= bytes.size(), "more is read than there is");
}

void check_message(std::string_view bytes) {
  accepted([&] { has_more(bytes); });
  accepted([&] {
    Unpacker metadata(bytes);
    Summary summary;
    add_to(summary, metadata);
  });
  accepted([&] {
    Unpacker metadata(bytes);
    throw failure_of("server", metadata);
  });
  accepted([&] { read_routing_table(Unpacker(bytes).map_value()); });
}

/// What comes of the chunks when they arrive in pieces of that size.
std::vector<std::string> messages_of(std::string_view bytes, std::size_t piece) {
  constexpr std::size_t kMost = 4000;
  Inbox inbox(kMost);
  std::vector<std::string> messages;
  for (bool going = true; going && !bytes.empty();) {
    const std::string_view some = bytes.substr(0, piece);
    bytes.remove_prefix(some.size());
    going = accepted([&] { inbox.feed(some); });
    require_that(inbox.bytes() <= kMost + 8192, "the inbox holds too much");
    for (; !inbox.empty(); inbox.pop()) messages.emplace_back(inbox.front());
  }
  return messages;
}

void check_chunks(std::string_view bytes) {
  const auto messages = messages_of(bytes, 1);
  const auto in_pieces = messages_of(bytes, 13);
  require_that(messages == in_pieces, "messages differ by the pieces in which they came");
  std::string chunks;
  for (const std::string& message : messages) append_chunks(chunks, {message, ""});
  require_that(messages_of(chunks, 100) == messages, "messages come back as others");
  for (const std::string& message : messages) check_value(message);
}

}  // namespace
}  // namespace prism::neo4j::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::neo4j::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  check_value(bytes);
  check_skipping(bytes);
  check_message(bytes);
  check_chunks(bytes);
  return 0;
}
