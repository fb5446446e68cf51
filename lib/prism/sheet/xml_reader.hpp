#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <prism/sheet/zip_archive.hpp>

struct XML_ParserStruct;

namespace prism::sheet {

/// The attributes of a start tag; they live during the call that hands them over.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char* const* raw) : raw_(raw) {}

  /// The value of an attribute in no namespace, or nothing.
  std::optional<std::string_view> get(std::string_view name) const;
  std::string_view get_or_empty(std::string_view name) const {
    return get(name).value_or(std::string_view());
  }
  /// The id of a relationship, `r:id` with whatever prefix.
  std::optional<std::string_view> relationship_id() const;

 private:
  const char* const* raw_;
};

/// What an XML part is read into. Elements are known by their local names; those of other
/// namespaces than SpreadsheetML's and the package's own, transitional or strict, are skipped with
/// all in them.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view element, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view element) { static_cast<void>(element); }
  /// Text comes in pieces of any size.
  virtual void text(std::string_view piece) { static_cast<void>(piece); }
};

/// Reads one XML part, piece by piece. Throws Damage for what is not well-formed, for a document
/// type declaration (it could define entities without end), and for absurd depth or tag length.
class XmlReader {
 public:
  /// `handler` must outlive the reader.
  XmlReader(ZipPart part, XmlHandler& handler);
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  /// Reads on until the handler has called `pause`, or to the end: then returns false.
  bool read();

  /// To be called by the handler: no more calls after this one, until `read` is called again.
  void pause();

 private:
  struct Free {
    void operator()(XML_ParserStruct* parser) const;
  };
  struct Callbacks;

  int feed();
  void check_token_length() const;
  [[noreturn]] void throw_malformed() const;
  void start(const char* name, const char* const* attributes);
  void end(const char* name);
  void text(std::string_view piece);
  /// Runs a callback; what it throws waits until the parser, which is C, has returned.
  template <typename Call>
  void guard(Call&& call);

  ZipPart part_;
  XmlHandler& handler_;
  std::unique_ptr<XML_ParserStruct, Free> parser_;
  std::exception_ptr failure_;
  bool paused_ = false;
  bool fed_all_ = false;
  std::uint64_t fed_ = 0;
  unsigned depth_ = 0;
  unsigned skipped_depth_ = 0;  ///< depth within an element of a foreign namespace
};

/// Reads a part to its end.
void read_xml(ZipPart part, XmlHandler& handler);

/// `1`, `true` and `on`: the ways to write a boolean attribute that is set.
bool xml_true(std::string_view value);

}  // namespace prism::sheet
