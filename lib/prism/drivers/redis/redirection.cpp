#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/keys.hpp>
#include <prism/drivers/redis/redirection.hpp>

namespace prism::redis {

Redirection redirection(std::string_view text, const std::string& asked_host) {
  const auto first = text.find(' ');
  const auto second = text.find(' ', first + 1);
  const auto colon = text.rfind(':');
  Redirection found;
  if (first != std::string_view::npos && second != std::string_view::npos &&
      colon != std::string_view::npos && colon > second) {
    const char* const end = text.data() + text.size();
    const auto slot = std::from_chars(text.data() + first + 1, text.data() + second, found.slot);
    const auto port = std::from_chars(text.data() + colon + 1, end, found.endpoint.port);
    found.endpoint.host = text.substr(second + 1, colon - second - 1);
    if (found.endpoint.host.empty()) found.endpoint.host = asked_host;
    if (slot.ec == std::errc() && port.ec == std::errc() && found.slot < kSlots) return found;
  }
  throw Error(ErrorCode::unavailable, "a redirection without slot and address: " + in_quotes(text));
}

}  // namespace prism::redis
