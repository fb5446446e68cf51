#include <cstring>

#include <prism/drivers/redis/journal.hpp>

namespace prism::redis {
namespace {

struct Header {
  std::uint32_t replies;
  std::uint16_t slot;
};

}  // namespace

void Journal::add(const Entry& entry) {
  const Header header{static_cast<std::uint32_t>(entry.replies), entry.slot};
  spool_.add({reinterpret_cast<const char*>(&header), sizeof header}, entry.commands);
}

void Journal::each(const std::function<void(const Entry&)>& take) {
  spool_.each([&](std::string_view bytes) {
    Header header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    take({header.slot, header.replies, bytes.substr(sizeof header)});
  });
}

}  // namespace prism::redis
