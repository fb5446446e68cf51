#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <prism/base/text.hpp>
#include <prism/sheet/block_size.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kMostToken = std::size_t{4} << 20;
constexpr std::size_t kMostName = 1000;
constexpr std::size_t kMostDepth = 256;

/// So many NULs stand behind what was read: eight bytes may be looked at anywhere.
constexpr std::size_t kPadding = sizeof(std::uint64_t);

enum : std::uint8_t { kSpace = 1, kEndsName = 2, kEndsText = 4, kEndsValue = 8 };

/// What each byte means. The NUL behind the window ends everything.
constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (const char c : {' ', '\t', '\r', '\n'}) {
    classes[static_cast<unsigned char>(c)] = kSpace | kEndsName;
  }
  for (const char c : {'/', '>', '=', '<'}) classes[static_cast<unsigned char>(c)] = kEndsName;
  for (const char c : {'<', '&', '\r', '\0'}) classes[static_cast<unsigned char>(c)] |= kEndsText;
  for (const char c : {'"', '\'', '&', '\t', '\r', '\n', '\0'}) {
    classes[static_cast<unsigned char>(c)] |= kEndsValue;
  }
  classes[0] |= kEndsName;
  return classes;
}();

bool is(char c, std::uint8_t what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }

std::string_view local_name(std::string_view name) {
  std::size_t colon = 0;
  while (colon < name.size() && name[colon] != ':') ++colon;
  return colon == name.size() ? name : name.substr(colon + 1);
}

std::string_view prefix_of(std::string_view name) {
  const std::size_t local = local_name(name).size();
  return local == name.size() ? std::string_view() : name.substr(0, name.size() - local - 1);
}

/// How much of a piece of text may be used before what follows it is there: an entity and a line
/// end must not be cut in two.
std::size_t whole_part(std::string_view piece) {
  const std::size_t entity = piece.rfind('&');
  if (entity != std::string_view::npos && piece.find(';', entity) == std::string_view::npos) {
    return entity;
  }
  return piece.ends_with('\r') ? piece.size() - 1 : piece.size();
}

}  // namespace

XmlTokenizer::XmlTokenizer(ByteStream& in) : in_(in), window_(kBlockSize + kPadding) {}

/// Reads on, and moves what is not used yet to the front first where there is no room. False at the
/// end of the document.
bool XmlTokenizer::more() {
  if (begin_ > 0) {
    std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
    offset_ += begin_;
    token_ -= std::min(token_, begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + kPadding == window_.size()) {
    if (end_ >= kMostToken) throw Damage("found a tag longer than 4 MiB");
    window_.resize(2 * window_.size());
  }
  const std::size_t room = window_.size() - kPadding - end_;
  const std::size_t got = in_.read(std::span(window_).subspan(end_, room));
  end_ += got;
  std::fill_n(window_.data() + end_, kPadding, '\0');
  return got > 0;
}

void XmlTokenizer::require_more(std::string_view within) {
  if (!more()) throw Damage("the document ends within " + std::string(within));
}

XmlTokenizer::Token XmlTokenizer::next() {
  std::optional<Token> token;
  while (!token) {
    token_ = begin_;
    if (end_pending_) {
      end_pending_ = false;
      token = close_element();  // its name is still that of the start
    } else if (begin_ == end_ && !more()) {
      token = finish();
    } else {
      token = window_[begin_] == '<' ? take_markup() : take_text();
    }
  }
  return *token;
}

std::optional<XmlTokenizer::Token> XmlTokenizer::finish() {
  if (!open_.empty()) throw Damage("the document ends within an element");
  if (!had_root_) throw Damage("the document is empty");
  return Token::finished;
}

std::optional<XmlTokenizer::Token> XmlTokenizer::take_markup() {
  if (end_ - begin_ < 2) require_more("a tag");
  switch (window_[begin_ + 1]) {
    case '/':
      return take_end();
    case '!':
      return take_declaration();
    case '?':
      skip_past("?>");
      return std::nullopt;
    default:
      return take_start();
  }
}

// ---- text ---------------------------------------------------------------------------------------

std::optional<XmlTokenizer::Token> XmlTokenizer::take_text() {
  std::size_t at = begin_;
  bool escaped = false;
  for (;;) {
    while (!is(window_[at], kEndsText)) ++at;
    if (window_[at] == '<') break;
    if (at == end_) {
      const std::size_t done = at - begin_;
      const bool full = done >= kBlockSize;
      const bool ended = full || !more();
      at = begin_ + done;
      if (ended) break;
    } else if (window_[at] == '\0') {
      throw Damage("found a NUL character");
    } else {
      escaped = true;
      ++at;
    }
  }
  std::string_view piece = view(begin_, at);
  if (at == end_) piece = piece.substr(0, std::max<std::size_t>(whole_part(piece), 1));
  begin_ += piece.size();
  if (skipped_depth_ > 0 || open_.empty()) return std::nullopt;
  text_ = {piece, escaped ? XmlText::Form::escaped : XmlText::Form::plain};
  return Token::text;
}

// ---- tags ---------------------------------------------------------------------------------------

std::optional<XmlTokenizer::Token> XmlTokenizer::take_start() {
  while (scan_start() == Scan::needs_more) require_as_much_again();
  return open_element();
}

/// Reads on for a tag, which is scanned anew then: not too often.
void XmlTokenizer::require_as_much_again() {
  const std::size_t wanted = std::min(2 * (end_ - begin_), kMostToken);
  require_more("a tag");
  while (end_ - begin_ < wanted && more()) continue;
}

/// Reads the tag at the front of the window.
XmlTokenizer::Scan XmlTokenizer::scan_start() {
  std::size_t at = begin_ + 1;
  while (!is(window_[at], kEndsName)) ++at;
  if (at == begin_ + 1 && at < end_) throw Damage("found '<' without a name");
  qualified_name_ = view(begin_ + 1, at);
  attributes_.clear();
  values_.clear();
  for (;;) {
    while (is(window_[at], kSpace)) ++at;
    if (at >= end_) return Scan::needs_more;
    if (window_[at] == '>' || window_[at] == '/') break;
    if (scan_attribute(at) == Scan::needs_more) return Scan::needs_more;
  }
  empty_element_ = window_[at] == '/';
  if (empty_element_ && ++at >= end_) return Scan::needs_more;
  if (window_[at] != '>') throw Damage("found '/' within a tag");
  begin_ = at + 1;
  return Scan::done;
}

XmlTokenizer::Scan XmlTokenizer::scan_attribute(std::size_t& at) {
  const std::size_t name = at;
  while (!is(window_[at], kEndsName)) ++at;
  const std::size_t name_end = at;
  while (is(window_[at], kSpace)) ++at;
  if (at >= end_) return Scan::needs_more;
  if (window_[at] != '=' || name == name_end) throw Damage("found a tag that makes no sense");
  do ++at;
  while (is(window_[at], kSpace));
  if (at >= end_) return Scan::needs_more;
  const char quote = window_[at];
  if (quote != '"' && quote != '\'') throw Damage("found an attribute without quotes");
  const std::size_t value = ++at;
  bool escaped = false;
  for (; window_[at] != quote; ++at) {
    if (!is(window_[at], kEndsValue)) continue;
    if (at >= end_) return Scan::needs_more;
    escaped = escaped || (window_[at] != '"' && window_[at] != '\'');
  }
  attributes_.push_back({view(name, name_end), view(value, at), escaped});
  ++at;
  return Scan::done;
}

std::optional<XmlTokenizer::Token> XmlTokenizer::open_element() {
  if (qualified_name_.size() > kMostName) throw Damage("found a name longer than 1000 bytes");
  if (open_.size() == kMostDepth) throw Damage("elements are nested more than 256 deep");
  const auto depth = static_cast<unsigned>(open_.size());
  if (depth == 0 && had_root_) throw Damage("found a second root element");
  name_ = local_name(qualified_name_);
  const std::size_t size = qualified_name_.size();
  open_.push_back({head_at(token_ + 1, size), static_cast<std::uint32_t>(size),
                   static_cast<std::uint32_t>(size - name_.size())});
  if (qualified_name_.size() > sizeof(OpenName::head)) long_names_ += qualified_name_;
  for (const Attribute& attribute : attributes_) {
    if (attribute.name[0] == 'x') namespaces_.declare(attribute.name, attribute.value, depth);
  }
  if (!had_root_) namespaces_.know_root(qualified_name_);
  had_root_ = true;
  end_pending_ = empty_element_;
  const auto kind = name_.size() == qualified_name_.size()
                        ? namespaces_.default_kind()
                        : namespaces_.kind(prefix_of(qualified_name_));
  if (skipped_depth_ > 0 || kind == XmlNamespaces::Kind::other) {
    ++skipped_depth_;
    return std::nullopt;
  }
  return Token::start;
}

/// The first eight bytes of a name in the window; NULs stand for those that it does not have.
std::uint64_t XmlTokenizer::head_at(std::size_t begin, std::size_t size) const {
  std::uint64_t head;
  std::memcpy(&head, window_.data() + begin, sizeof head);
  if (size >= sizeof head) return head;
  const std::size_t unused = 8 * (sizeof head - size);
  return std::endian::native == std::endian::little ? head << unused : head >> unused;
}

std::optional<XmlTokenizer::Token> XmlTokenizer::take_end() {
  if (!take_expected_end()) take_any_end();
  return close_element();
}

/// The end of the element that is open, written without blanks and with a short name: as nearly
/// all are.
bool XmlTokenizer::take_expected_end() {
  if (open_.empty() || open_.back().size > sizeof(OpenName::head)) return false;
  const OpenName& open = open_.back();
  const std::size_t name = begin_ + 2;
  const std::size_t end = name + open.size;
  if (end >= end_ || window_[end] != '>' || head_at(name, open.size) != open.head) return false;
  name_ = view(name + open.prefix, end);
  begin_ = end + 1;
  return true;
}

void XmlTokenizer::take_any_end() {
  const std::size_t end = find_in_window(">");
  std::size_t at = begin_ + 2;
  while (!is(window_[at], kEndsName)) ++at;
  const std::string_view name = view(begin_ + 2, at);
  while (is(window_[at], kSpace)) ++at;
  if (at != end) throw Damage("found an end tag that makes no sense");
  const bool open = !open_.empty() && open_.back().size == name.size() &&
                    open_.back().head == head_at(begin_ + 2, name.size()) &&
                    (name.size() <= sizeof(OpenName::head) || long_names_.ends_with(name));
  if (!open) throw Damage("found the end of " + in_quotes(name) + ", which is not open");
  begin_ = end + 1;
  name_ = local_name(name);
}

std::optional<XmlTokenizer::Token> XmlTokenizer::close_element() {
  const std::size_t size = open_.back().size;
  if (size > sizeof(OpenName::head)) long_names_.erase(long_names_.size() - size);
  open_.pop_back();
  namespaces_.end(static_cast<unsigned>(open_.size()));
  if (skipped_depth_ == 0) return Token::end;
  --skipped_depth_;
  return std::nullopt;
}

std::optional<std::string_view> XmlTokenizer::plain_content() {
  if (end_pending_) return std::string_view();
  std::size_t at = begin_;
  while (!is(window_[at], kEndsText)) ++at;
  if (window_[at] != '<' || window_[at + 1] != '/') return std::nullopt;
  const std::string_view content = view(begin_, at);
  begin_ = at;
  return content;
}

void XmlTokenizer::skip_element() {
  if (!end_pending_) {
    for (const std::size_t depth = open_.size(); open_.size() >= depth;) next();
    return;
  }
  next();
}

// ---- declarations -------------------------------------------------------------------------------

std::optional<XmlTokenizer::Token> XmlTokenizer::take_declaration() {
  if (starts_with("<!--")) {
    begin_ += 4;
    skip_past("-->");
  } else if (starts_with("<![CDATA[")) {
    return take_cdata();
  } else if (starts_with("<!DOCTYPE")) {
    skip_doctype();
  } else {
    throw Damage("found a declaration that makes no sense");
  }
  return std::nullopt;
}

/// Its end must be in the window: 4 MiB at most, as for a tag.
std::optional<XmlTokenizer::Token> XmlTokenizer::take_cdata() {
  begin_ += 9;
  const std::size_t end = find_in_window("]]>");
  const std::string_view piece = view(begin_, end);
  begin_ = end + 3;
  if (skipped_depth_ > 0 || open_.empty() || piece.empty()) return std::nullopt;
  text_ = {piece, XmlText::Form::cdata};
  return Token::text;
}

void XmlTokenizer::skip_doctype() {
  const std::size_t end = find_in_window(">");
  if (view(begin_, end).find('[') != std::string_view::npos) {
    throw Damage("found a document type declaration with content, expected none");
  }
  begin_ = end + 1;
}

bool XmlTokenizer::starts_with(std::string_view mark) {
  while (end_ - begin_ < mark.size() && more()) {
  }
  return view(begin_, end_).starts_with(mark);
}

/// Where the mark stands behind the front of the window, which grows for it.
std::size_t XmlTokenizer::find_in_window(std::string_view mark) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t at = view(begin_, end_).find(mark, searched);
    if (at != std::string_view::npos) return begin_ + at;
    searched = end_ - begin_ - std::min(end_ - begin_, mark.size() - 1);
    require_more("a tag");
  }
}

/// The same without growing: what comes before the mark is not needed.
void XmlTokenizer::skip_past(std::string_view mark) {
  for (;;) {
    const std::size_t at = view(begin_, end_).find(mark);
    if (at != std::string_view::npos) {
      begin_ += at + mark.size();
      return;
    }
    begin_ = end_ - std::min(end_ - begin_, mark.size() - 1);
    require_more("a comment or an instruction");
  }
}

// ---- attributes ---------------------------------------------------------------------------------

std::optional<std::string_view> XmlTokenizer::relationship_id() const {
  for (const Attribute& attribute : attributes_) {
    const std::string_view prefix = prefix_of(attribute.name);
    if (prefix.empty() || local_name(attribute.name) != "id") continue;
    if (namespaces_.kind(prefix) != XmlNamespaces::Kind::other) return value_of(attribute);
  }
  return std::nullopt;
}

std::string_view XmlTokenizer::unescaped(const Attribute& attribute) const {
  // Line ends and tabs that are written as such are blanks ([XML 1.0] section 3.3.3).
  std::string blanks(attribute.value);
  std::replace_if(
      blanks.begin(), blanks.end(), [](char c) { return is(c, kSpace); }, ' ');
  TextBuffer& value = values_.emplace_front();
  append_xml_text(value, {blanks, XmlText::Form::escaped});
  return {value.data(), value.size()};
}

}  // namespace prism::sheet
