#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/identifier.hpp>

namespace prism::postgres {
namespace {

std::string doubled(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) quoted += c == quote ? std::string(2, quote) : std::string(1, c);
  return quoted + quote;
}

bool ends_word(char c) {
  constexpr std::string_view kEnds = " \t\r\n.,;()'\"=";
  return kEnds.find(c) != std::string_view::npos;
}

std::optional<std::string> take_quoted(std::string_view& text) {
  std::string name;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      if (at + 1 == text.size() || text[at + 1] != '"') {
        text.remove_prefix(at + 1);
        return name;
      }
      ++at;
    }
    name += text[at];
  }
  return {};
}

std::string part_of_key(std::string_view name) {
  const bool odd = name.find_first_of(".\"") != std::string_view::npos;
  return odd ? quoted_name(name) : std::string(name);
}

std::string in_utf8(std::string text) {
  if (find_invalid_utf8(text) == std::string::npos) return text;
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02X}", byte);
  }
  return escaped;
}

}  // namespace

std::string quoted_name(std::string_view name) { return doubled(name, '"'); }

std::string quoted_text(std::string_view text) { return doubled(text, '\''); }

std::optional<std::string> take_identifier(std::string_view& text) {
  std::string_view rest = text;
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t\r\n")));
  if (rest.empty()) return {};
  std::optional<std::string> name;
  if (rest.front() == '"') {
    name = take_quoted(rest);
  } else {
    std::size_t end = 0;
    while (end < rest.size() && !ends_word(rest[end])) ++end;
    if (end > 0) name = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  if (name) text = rest;
  return name;
}

std::string table_key(std::string_view schema, std::string_view table) {
  return in_utf8(part_of_key(schema) + "." + part_of_key(table));
}

std::string shortened_name(std::string_view name, std::size_t suffix) {
  constexpr std::size_t kLimit = 63;
  std::size_t size = std::min(name.size(), kLimit - suffix);
  const auto continues = [&] {
    return size < name.size() && (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && continues()) --size;
  return std::string(name.substr(0, size));
}

}  // namespace prism::postgres
