#include <optional>

#include <prism/base/error.hpp>
#include <prism/drivers/grpc/health_message.hpp>

namespace prism::grpc {
namespace {

constexpr std::size_t kPrefix = 5;
constexpr char kService = 0x0A;  // field 1, length-delimited

/// A varint of Protocol Buffers (encoding, "Base 128 Varints").
void put_varint(std::string& into, std::size_t value) {
  for (; value >= 0x80; value >>= 7) into += static_cast<char>(value | 0x80);
  into += static_cast<char>(value);
}

std::optional<std::uint64_t> take_varint(std::string_view& from) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return {};
}

/// Skips a field that this version does not know. False: it is damaged.
bool skip(std::string_view& from, std::uint64_t wire_type) {
  constexpr std::size_t kFixed64 = 8;
  constexpr std::size_t kFixed32 = 4;
  std::optional<std::uint64_t> size = 0;
  if (wire_type == 0) return take_varint(from).has_value();
  if (wire_type == 1) size = kFixed64;
  if (wire_type == 2) size = take_varint(from);
  if (wire_type == 5) size = kFixed32;
  if (wire_type == 3 || wire_type == 4 || wire_type > 5) return false;
  if (!size || *size > from.size()) return false;
  from.remove_prefix(*size);
  return true;
}

[[noreturn]] void refuse() {
  throw Error(ErrorCode::io, "what answers sends no message of grpc.health.v1");
}

}  // namespace

std::string health_request(std::string_view service) {
  std::string body;
  if (!service.empty()) {
    body += kService;
    put_varint(body, service.size());
    body += service;
  }
  std::string message(1, '\0');  // not compressed
  for (int shift = 24; shift >= 0; shift -= 8) message += static_cast<char>(body.size() >> shift);
  return message + body;
}

Serving read_health_answer(std::string_view message) {
  if (message.size() < kPrefix || message.front() != '\0') refuse();
  std::uint32_t size = 0;
  for (std::size_t i = 1; i < kPrefix; ++i) {
    size = size << 8 | static_cast<unsigned char>(message[i]);
  }
  std::string_view body = message.substr(kPrefix);
  if (body.size() != size) refuse();
  std::uint64_t status = 0;
  while (!body.empty()) {
    const auto tag = take_varint(body);
    if (!tag) refuse();
    const bool is_status = *tag == 0x08;  // field 1, varint
    if (!is_status && !skip(body, *tag & 7U)) refuse();
    if (!is_status) continue;
    const auto value = take_varint(body);
    if (!value) refuse();
    status = *value;
  }
  return status <= 3 ? static_cast<Serving>(status) : Serving::unknown;
}

}  // namespace prism::grpc
