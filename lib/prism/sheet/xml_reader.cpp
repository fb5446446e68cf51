#include <string>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/xml_bytes.hpp>
#include <prism/sheet/xml_reader.hpp>

namespace prism::sheet {
namespace {

/// False at the end of the document.
bool hand_over(XmlTokenizer& xml, XmlHandler& handler) {
  switch (xml.next()) {
    case XmlTokenizer::Token::start:
      handler.start(xml.name(), xml);
      return true;
    case XmlTokenizer::Token::end:
      handler.end(xml.name());
      return true;
    case XmlTokenizer::Token::text:
      handler.text(xml.text());
      return true;
    case XmlTokenizer::Token::finished:
      return false;
  }
  return false;
}

}  // namespace

void read_xml(std::unique_ptr<ByteStream> part, std::string_view name, XmlHandler& handler) {
  XmlBytes bytes(std::move(part));
  XmlTokenizer xml(bytes);
  try {
    while (hand_over(xml, handler)) {
    }
  } catch (const Damage& damage) {
    throw Damage("part " + in_quotes(name) + ", offset " + std::to_string(xml.offset()) + ": " +
                 damage.what());
  }
}

bool xml_true(std::string_view value) { return value == "1" || value == "true" || value == "on"; }

}  // namespace prism::sheet
