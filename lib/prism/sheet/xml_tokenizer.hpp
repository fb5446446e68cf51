#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_stream.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/xml_namespaces.hpp>
#include <prism/sheet/xml_text.hpp>

namespace prism::sheet {

/// Takes an XML document apart ([XML 1.0]; UTF-8 without a byte order mark), reading it through a
/// window of 256 KiB. Made for the parts of workbooks: elements are known by their local names;
/// those of other namespaces than SpreadsheetML's, the package's own and the root's are left out
/// with all in them, as are comments and processing instructions.
///
/// It checks no more than it needs: that tags have an end and match, that entities are defined.
/// Throws Damage for what is not well-formed, for a document type declaration with content of its
/// own (it could define entities without end), and for absurd depth or tag length.
class PRISM_API XmlTokenizer {
 public:
  enum class Token : std::uint8_t {
    start,     ///< name, attributes
    end,       ///< name; follows the start of an empty element too
    text,      ///< text: a piece of it, whole where it is shorter than the window
    finished,  ///< the end of the document
  };

  /// `in` must outlive this.
  explicit XmlTokenizer(ByteStream& in);

  /// What follows. Names and texts live until the next call.
  Token next();

  /// The local name of the element that starts or ends.
  std::string_view name() const { return name_; }
  const XmlText& text() const { return text_; }

  /// After a start: the content of the element where that is plain text, of which the end is then
  /// the next token; nothing, and nothing read, where it is something else. Faster than `next`.
  std::optional<std::string_view> plain_content();

  /// The value of an attribute in no namespace, or nothing. It lives until the next call of `next`.
  std::optional<std::string_view> attribute(std::string_view name) const {
    for (const Attribute& attribute : attributes_) {
      if (attribute.name == name) return value_of(attribute);
    }
    return std::nullopt;
  }
  std::string_view attribute_or_empty(std::string_view name) const {
    return attribute(name).value_or(std::string_view());
  }
  /// The id of a relationship, `r:id` with whatever prefix.
  std::optional<std::string_view> relationship_id() const;

  /// After a start: leaves out the element with all in it, its end too.
  void skip_element();

  /// The offset in the document, in bytes, of what `next` gave last.
  std::uint64_t offset() const { return offset_ + token_; }

 private:
  struct Attribute {
    std::string_view name;
    std::string_view value;
    bool escaped;  ///< it holds entities, or white space other than blanks
  };

  /// The name of an open element: its first eight bytes and, where it is longer, the whole of it
  /// at the end of long_names_.
  struct OpenName {
    std::uint64_t head;
    std::uint32_t size;
    std::uint32_t prefix;  ///< bytes of its prefix, with the colon
  };

  enum class Scan : std::uint8_t { done, needs_more };

  std::optional<Token> take_markup();
  std::optional<Token> take_text();
  std::optional<Token> take_start();
  Scan scan_start();
  Scan scan_attribute(std::size_t& at);
  std::optional<Token> open_element();
  std::optional<Token> take_end();
  bool take_expected_end();
  void take_any_end();
  std::optional<Token> close_element();
  std::optional<Token> take_declaration();
  std::optional<Token> take_cdata();
  void skip_doctype();
  void skip_past(std::string_view mark);
  std::size_t find_in_window(std::string_view mark);

  bool starts_with(std::string_view mark);
  bool more();
  void require_more(std::string_view within);
  void require_as_much_again();
  std::optional<Token> finish();
  std::string_view view(std::size_t begin, std::size_t end) const {
    return {window_.data() + begin, end - begin};
  }
  std::uint64_t head_at(std::size_t begin, std::size_t size) const;
  std::string_view value_of(const Attribute& attribute) const {
    return attribute.escaped ? unescaped(attribute) : attribute.value;
  }
  std::string_view unescaped(const Attribute& attribute) const;

  ByteStream& in_;
  std::vector<char> window_;
  std::uint64_t offset_ = 0;  ///< of the window in the document
  std::size_t begin_ = 0;     ///< what is not used yet
  std::size_t end_ = 0;       ///< behind the last byte read; NULs stand there
  std::size_t token_ = 0;     ///< where the last token begins

  std::string_view qualified_name_;
  std::string_view name_;
  std::vector<Attribute> attributes_;
  bool empty_element_ = false;
  XmlText text_;
  mutable std::forward_list<TextBuffer> values_;  ///< of attributes with entities

  XmlNamespaces namespaces_;
  std::vector<OpenName> open_;
  std::string long_names_;
  unsigned skipped_depth_ = 0;  ///< depth within an element that is left out
  bool end_pending_ = false;    ///< of an empty element
  bool had_root_ = false;
};

}  // namespace prism::sheet
