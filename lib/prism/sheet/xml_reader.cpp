#include <algorithm>
#include <array>
#include <new>
#include <string>

#include <expat.h>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/xml_reader.hpp>

namespace prism::sheet {
namespace {

using namespace std::string_view_literals;

/// Between namespace and local name; no URI holds a blank.
constexpr char kSeparator = ' ';
constexpr int kChunk = 64 * 1024;
constexpr unsigned kMostDepth = 256;
/// A tag or comment must be held as a whole.
constexpr std::uint64_t kMostToken = std::uint64_t{4} << 20;

// [ECMA-376] part 1 annex A (strict) and part 4 annex A (transitional), part 2 annex E.
constexpr std::array kElementSpaces{
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"sv,
    "http://purl.oclc.org/ooxml/spreadsheetml/main"sv,
    "http://schemas.openxmlformats.org/package/2006/relationships"sv,
    "http://schemas.openxmlformats.org/package/2006/content-types"sv,
};
constexpr std::array kRelationshipSpaces{
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"sv,
    "http://purl.oclc.org/ooxml/officeDocument/relationships"sv,
};

struct Name {
  std::string_view space;
  std::string_view local;
};

Name split(std::string_view name) {
  const std::size_t at = name.rfind(kSeparator);
  if (at == std::string_view::npos) return {{}, name};
  return {name.substr(0, at), name.substr(at + 1)};
}

bool known_element(std::string_view space) {
  return space.empty() ||
         std::find(kElementSpaces.begin(), kElementSpaces.end(), space) != kElementSpaces.end();
}

}  // namespace

std::optional<std::string_view> XmlAttributes::get(std::string_view name) const {
  for (const char* const* at = raw_; *at != nullptr; at += 2) {
    if (name == at[0]) return at[1];
  }
  return std::nullopt;
}

std::optional<std::string_view> XmlAttributes::relationship_id() const {
  for (const char* const* at = raw_; *at != nullptr; at += 2) {
    const Name name = split(at[0]);
    const bool known = std::find(kRelationshipSpaces.begin(), kRelationshipSpaces.end(),
                                 name.space) != kRelationshipSpaces.end();
    if (known && name.local == "id") return at[1];
  }
  return std::nullopt;
}

/// The functions that expat calls.
struct XmlReader::Callbacks {
  static XmlReader& reader(void* self) { return *static_cast<XmlReader*>(self); }
  static void start(void* self, const XML_Char* name, const XML_Char** attributes) {
    reader(self).guard([&] { reader(self).start(name, attributes); });
  }
  static void end(void* self, const XML_Char* name) {
    reader(self).guard([&] { reader(self).end(name); });
  }
  static void text(void* self, const XML_Char* text, int size) {
    reader(self).guard([&] { reader(self).text({text, static_cast<std::size_t>(size)}); });
  }
  static void doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    reader(self).guard([] { throw Damage("found a document type declaration, expected none"); });
  }
};

void XmlReader::Free::operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }

XmlReader::XmlReader(ZipPart part, XmlHandler& handler)
    : part_(std::move(part)), handler_(handler), parser_(XML_ParserCreateNS(nullptr, kSeparator)) {
  if (!parser_) throw std::bad_alloc();
  XML_SetUserData(parser_.get(), this);
  XML_SetElementHandler(parser_.get(), Callbacks::start, Callbacks::end);
  XML_SetCharacterDataHandler(parser_.get(), Callbacks::text);
  XML_SetStartDoctypeDeclHandler(parser_.get(), Callbacks::doctype);
}

template <typename Call>
void XmlReader::guard(Call&& call) {
  if (failure_) return;
  try {
    call();
  } catch (...) {
    failure_ = std::current_exception();
    XML_StopParser(parser_.get(), XML_FALSE);
  }
}

void XmlReader::start(const char* name, const char* const* attributes) {
  if (++depth_ > kMostDepth) throw Damage("elements are nested more than 256 deep");
  const Name split_name = split(name);
  if (skipped_depth_ > 0 || !known_element(split_name.space)) {
    ++skipped_depth_;
  } else {
    handler_.start(split_name.local, XmlAttributes(attributes));
  }
}

void XmlReader::end(const char* name) {
  --depth_;
  if (skipped_depth_ > 0) {
    --skipped_depth_;
  } else {
    handler_.end(split(name).local);
  }
}

void XmlReader::text(std::string_view piece) {
  if (skipped_depth_ == 0) handler_.text(piece);
}

void XmlReader::pause() { XML_StopParser(parser_.get(), XML_TRUE); }

bool XmlReader::read() {
  for (;;) {
    if (fed_all_ && !paused_) return false;
    const int status = paused_ ? XML_ResumeParser(parser_.get()) : feed();
    if (failure_) {
      // Left in place, for the parser cannot go on.
      std::rethrow_exception(failure_);
    }
    if (status == XML_STATUS_ERROR) throw_malformed();
    paused_ = status == XML_STATUS_SUSPENDED;
    if (paused_) return true;
    check_token_length();
  }
}

int XmlReader::feed() {
  auto* buffer = static_cast<char*>(XML_GetBuffer(parser_.get(), kChunk));
  if (buffer == nullptr) throw std::bad_alloc();
  const std::size_t got = part_.read({buffer, kChunk});
  fed_ += got;
  fed_all_ = got == 0;
  return XML_ParseBuffer(parser_.get(), static_cast<int>(got), fed_all_ ? 1 : 0);
}

void XmlReader::check_token_length() const {
  const auto index = XML_GetCurrentByteIndex(parser_.get());
  const std::uint64_t done = index < 0 ? 0 : static_cast<std::uint64_t>(index);
  if (fed_ > done && fed_ - done > kMostToken) {
    throw Damage("part " + in_quotes(part_.name()) + ": found a tag longer than 4 MiB");
  }
}

void XmlReader::throw_malformed() const {
  throw Damage("part " + in_quotes(part_.name()) + ", line " +
               std::to_string(XML_GetCurrentLineNumber(parser_.get())) + ": " +
               XML_ErrorString(XML_GetErrorCode(parser_.get())));
}

void read_xml(ZipPart part, XmlHandler& handler) {
  XmlReader reader(std::move(part), handler);
  while (reader.read()) {
  }
}

bool xml_true(std::string_view value) { return value == "1" || value == "true" || value == "on"; }

}  // namespace prism::sheet
