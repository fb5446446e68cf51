#include <array>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/failure.hpp>
#include <prism/drivers/neo4j/handshake.hpp>

namespace prism::neo4j {
namespace {

using Answer = std::array<unsigned char, 4>;

constexpr Version kOldest{4, 4};
constexpr Version kNewest{5, 8};

/// What Bolt begins with, then four offers of 0, a count of minor versions below, minor, major. The
/// last two are of servers that are too old: they are offered so that such a server says so.
constexpr std::string_view kOffer{
    "\x60\x60\xB0\x17"
    "\x00\x08\x08\x05"
    "\x00\x00\x04\x04"
    "\x00\x03\x03\x04"
    "\x00\x00\x00\x03",
    20};

[[noreturn]] void refuse(const Socket& socket, const std::string& what, const char* hint) {
  throw Error(ErrorCode::configuration, socket.endpoint().text() + ": " + what, hint);
}

constexpr const char* kPortHint = "Neo4j's Bolt port is 7687 if it was not set otherwise";

[[noreturn]] void refuse_alien(const Socket& socket, const Answer& answer) {
  const std::string_view bytes(reinterpret_cast<const char*>(answer.data()), answer.size());
  if (bytes == "HTTP") refuse(socket, "answers HTTP, Bolt was expected", kPortHint);
  if (answer[0] == 0x15 && answer[1] == 0x03) {
    refuse(socket, "takes only encrypted connections (TLS)",
           "write bolt+s://, or bolt+ssc:// for a self-signed certificate, in place of bolt://");
  }
  refuse(socket,
         fmt::format("answers {:02X} {:02X} {:02X} {:02X}, which is no Bolt that we know",
                     answer[0], answer[1], answer[2], answer[3]),
         kPortHint);
}

Version version_of(const Socket& socket, const Answer& answer) {
  if (answer == Answer{}) {
    refuse(socket, fmt::format("speaks no Bolt from {} to {}", kOldest.text(), kNewest.text()),
           "Neo4j 4.4 and 5 do");
  }
  const Version version{answer[3], answer[2]};
  const bool plausible = answer[0] == 0 && answer[1] == 0;
  if (plausible && (version == kOldest || (version.major == 5 && version <= kNewest))) {
    return version;
  }
  if (plausible && (version.major == 3 || version.major == 4) && version < kOldest) {
    refuse(socket,
           fmt::format("is too old: it speaks Bolt {}, {} or newer was expected", version.text(),
                       kOldest.text()),
           "Neo4j 4.4 or newer is needed");
  }
  refuse_alien(socket, answer);
}

Answer read_answer(Socket& socket) {
  Answer answer{};
  std::span<char> room(reinterpret_cast<char*>(answer.data()), answer.size());
  while (!room.empty()) {
    const std::size_t got = socket.read_some(room);
    room = room.subspan(got);
    if (got == 0) socket.wait({});
  }
  return answer;
}

}  // namespace

Version shake_hands(Socket& socket) {
  Answer answer;
  try {
    socket.write_all(kOffer);
    answer = read_answer(socket);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    throw Failure(Error(error.code(), std::string(error.what()) + " (Bolt handshake)"),
                  "is this Neo4j's Bolt port (7687 if not set otherwise)? If it takes only "
                  "encrypted connections, write bolt+s:// or bolt+ssc://");
  }
  return version_of(socket, answer);
}

}  // namespace prism::neo4j
