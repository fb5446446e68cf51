#pragma once

#include <memory>
#include <string_view>

#include <prism/sheet/byte_stream.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

namespace prism::sheet {

/// The attributes of a start tag; they live during the call that hands them over.
class XmlAttributes {
 public:
  explicit XmlAttributes(const XmlTokenizer& xml) : xml_(xml) {}

  /// The value of an attribute in no namespace; empty when there is none.
  std::string_view get_or_empty(std::string_view name) const {
    return xml_.attribute(name).value_or(std::string_view());
  }
  /// The id of a relationship, `r:id` with whatever prefix.
  std::optional<std::string_view> relationship_id() const { return xml_.relationship_id(); }

 private:
  const XmlTokenizer& xml_;
};

/// What a small XML part is read into, element by element (see XmlTokenizer).
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view element, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view element) { static_cast<void>(element); }
  /// Text comes in pieces of any size.
  virtual void text(const XmlText& piece) { static_cast<void>(piece); }
};

/// Reads a part of that name to its end. What it throws names the part and the place.
void read_xml(std::unique_ptr<ByteStream> part, std::string_view name, XmlHandler& handler);

/// `1`, `true` and `on`: the ways to write a boolean attribute that is set.
bool xml_true(std::string_view value);

}  // namespace prism::sheet
