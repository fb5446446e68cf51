#pragma once

#include <memory>
#include <string_view>

#include <prism/sheet/byte_stream.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

namespace prism::sheet {

/// What a small XML part is read into, element by element (see XmlTokenizer).
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  /// `xml` is to be asked for attributes, not to be moved on.
  virtual void start(std::string_view element, const XmlTokenizer& xml) = 0;
  virtual void end(std::string_view element) { static_cast<void>(element); }
  /// Text comes in pieces of any size.
  virtual void text(const XmlText& piece) { static_cast<void>(piece); }
};

/// Reads a part of that name to its end. What it throws names the part and the place.
void read_xml(std::unique_ptr<ByteStream> part, std::string_view name, XmlHandler& handler);

/// `1`, `true` and `on`: the ways to write a boolean attribute that is set.
bool xml_true(std::string_view value);

}  // namespace prism::sheet
