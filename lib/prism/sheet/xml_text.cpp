#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/unicode.hpp>
#include <prism/sheet/xml_text.hpp>

namespace prism::sheet {
namespace {

using namespace std::string_view_literals;

constexpr std::array kEntities{std::pair{"lt"sv, '<'}, std::pair{"gt"sv, '>'},
                               std::pair{"amp"sv, '&'}, std::pair{"quot"sv, '"'},
                               std::pair{"apos"sv, '\''}};

/// `#38` or `#x26`; 0 where it is neither.
std::uint32_t character_reference(std::string_view name) {
  if (!name.starts_with('#')) return 0;
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x');
  if (hexadecimal) name.remove_prefix(1);
  std::uint32_t code = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, code, hexadecimal ? 16 : 10);
  return error == std::errc() && stop == end && code < 0x110000 ? code : 0;
}

void append_entity(TextBuffer& out, std::string_view name) {
  const auto found = std::find_if(kEntities.begin(), kEntities.end(),
                                  [name](const auto& entity) { return entity.first == name; });
  if (found != kEntities.end()) return out.push_back(found->second);
  const std::uint32_t code = character_reference(name);
  if (code == 0) throw Damage("found the entity " + in_quotes(name) + ", which is not defined");
  append_code_point(out, code);
}

/// Takes what stands at the front of `rest`, an entity or a line end.
void append_special(TextBuffer& out, std::string_view& rest) {
  if (rest[0] == '\r') {
    out.push_back('\n');
    rest.remove_prefix(rest.starts_with("\r\n") ? 2 : 1);
    return;
  }
  const std::size_t end = rest.find(';');
  if (end == std::string_view::npos) throw Damage("found '&' without an entity's name and ';'");
  append_entity(out, rest.substr(1, end - 1));
  rest.remove_prefix(end + 1);
}

}  // namespace

void append_xml_text(TextBuffer& out, const XmlText& text) {
  const std::string_view specials = text.form == XmlText::Form::cdata ? "\r" : "&\r";
  std::string_view rest = text.written;
  while (text.form != XmlText::Form::plain && !rest.empty()) {
    const std::size_t plain = std::min(rest.find_first_of(specials), rest.size());
    append_text(out, rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (!rest.empty()) append_special(out, rest);
  }
  append_text(out, rest);
}

}  // namespace prism::sheet
