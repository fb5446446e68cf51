#include <prism/sheet/damage.hpp>
#include <prism/sheet/xml_bytes.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

#include "sheet_support.hpp"

namespace prism::sheet::test {
namespace {

/// Gives at most `step` bytes at a time.
class Drops : public ByteStream {
 public:
  Drops(std::string text, std::size_t step) : text_(std::move(text)), step_(step) {}

  std::size_t read(std::span<char> out) override {
    const std::size_t count = std::min({out.size(), step_, text_.size() - at_});
    std::copy_n(text_.data() + at_, count, out.data());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t step_;
  std::size_t at_ = 0;
};

/// `<a|text|>` for each element, text pieces joined; attributes x and r:id as `[x=1]`, `[id=2]`.
std::string tokens_of(ByteStream& in) {
  XmlTokenizer xml(in);
  std::string out;
  TextBuffer text;
  for (;;) {
    const auto token = xml.next();
    if (token == XmlTokenizer::Token::text) {
      append_xml_text(text, xml.text());
      continue;
    }
    out.append(text.data(), text.size());
    text.cut_to(0);
    if (token == XmlTokenizer::Token::finished) return out;
    if (token == XmlTokenizer::Token::end) {
      out += ">";
      continue;
    }
    out += "<" + std::string(xml.name());
    if (const auto x = xml.attribute("x")) out += "[x=" + std::string(*x) + "]";
    if (const auto id = xml.relationship_id()) out += "[id=" + std::string(*id) + "]";
    out += "|";
  }
}

/// The tokens, which must not depend on how the bytes come.
std::string tokens_of(const std::string& document) {
  Drops all(document, document.size() + 1);
  const std::string tokens = tokens_of(all);
  for (const std::size_t step : {1, 2, 3, 7}) {
    CAPTURE(step);
    Drops drops(document, step);
    CHECK(tokens_of(drops) == tokens);
  }
  return tokens;
}

std::string damage_in(const std::string& document) {
  std::string found;
  for (const std::size_t step : {std::size_t{1}, document.size() + 1}) {
    Drops drops(document, step);
    try {
      tokens_of(drops);
      FAIL_CHECK("expected Damage");
    } catch (const Damage& damage) {
      found = damage.what();
    }
  }
  return found;
}

}  // namespace

TEST_CASE("sheet: XML elements, attributes and text") {
  CHECK(tokens_of("<?xml version='1.0'?><a x = \"1\" y='2'><b/>text<c  >more</c ></a>\n") ==
        "<a[x=1]|<b|>text<c|more>>");
  CHECK(tokens_of("<a x='>\"/>'/>") == "<a[x=>\"/>]|>");
  CHECK(tokens_of("<a>x > y ]]&gt;</a>") == "<a|x > y ]]>>");
}

TEST_CASE("sheet: XML entities and line ends") {
  CHECK(tokens_of("<a x='&lt;&#65;&quot;&#x20AC;'>&amp;&gt;&apos;&#128512;</a>") ==
        "<a[x=<A\"€]|&>'\U0001F600>");
  CHECK(tokens_of("<a>1\r\n2\r3\n4</a>") == "<a|1\n2\n3\n4>");
  CHECK(tokens_of("<a x='1\n2\t3&#10;4'/>") == "<a[x=1 2 3\n4]|>");
  CHECK(tokens_of("<a>&#xD800;</a>") == "<a|\uFFFD>");
  CHECK(damage_in("<a>&nbsp;</a>") == "found the entity 'nbsp', which is not defined");
  CHECK(damage_in("<a>&#0;</a>") == "found the entity '#0', which is not defined");
  CHECK(damage_in("<a>&#x110000;</a>") == "found the entity '#x110000', which is not defined");
  CHECK(damage_in("<a>AT&T</a>") == "found '&' without an entity's name and ';'");
}

TEST_CASE("sheet: XML values of attributes live side by side") {
  Drops drops("<a x='&lt;1' y='&lt;" + std::string(1000, '2') + "'/>", 100);
  XmlTokenizer xml(drops);
  xml.next();
  const auto x = xml.attribute("x");
  CHECK(xml.attribute("y")->size() == 1001);
  CHECK(x == "<1");
}

TEST_CASE("sheet: XML comments, instructions and CDATA") {
  CHECK(tokens_of("<a><!-- <b> -- ---->1<?do <c>?>2<![CDATA[<&amp;]]]>]]>3<![CDATA[]]></a>") ==
        "<a|12<&amp;]]]>3>");
  CHECK(tokens_of("<!DOCTYPE a><a/>") == "<a|>");
  CHECK(damage_in("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>") ==
        "found a document type declaration with content, expected none");
  CHECK(damage_in("<a><!ELEMENT b></a>") == "found a declaration that makes no sense");
}

TEST_CASE("sheet: XML namespaces: what is foreign is left out with all in it") {
  const std::string main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const std::string links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  CHECK(tokens_of("<x:a xmlns:x='" + main + "'><x:b>1</x:b></x:a>") == "<a|<b|1>>");
  CHECK(tokens_of("<a xmlns='" + main + "' xmlns:o='other'><o:b><b>1</b></o:b><o:c/><b/>2</a>") ==
        "<a|<b|>2>");
  CHECK(tokens_of("<a xmlns='" + main + "'><b xmlns='other'><c/></b><d/></a>") == "<a|<d|>>");
  CHECK(tokens_of("<a xmlns:r='" + links + "' xmlns:o='other'><b r:id='1'/><b o:id='2'/></a>") ==
        "<a|<b[id=1]|><b|>>");
  // Whatever the root is in, is read: there are drafts and dialects of the format.
  CHECK(tokens_of("<a xmlns='http://example.com/draft'><b/></a>") == "<a|<b|>>");
}

TEST_CASE("sheet: XML namespaces without end are refused") {
  std::string many;
  for (int i = 0; i < 256; ++i) many += " xmlns:a" + std::to_string(i) + "=''";
  CHECK(tokens_of("<a" + many + "/>") == "<a|>");
  CHECK(damage_in("<a" + many + "><b xmlns='x'/></a>") == "more than 256 namespaces are declared");
}

TEST_CASE("sheet: XML that is not well-formed") {
  CHECK(damage_in("") == "the document is empty");
  CHECK(damage_in("<a>") == "the document ends within an element");
  CHECK(damage_in("<a><b") == "the document ends within a tag");
  CHECK(damage_in("<a b='1") == "the document ends within a tag");
  CHECK(damage_in("<a><!-- ") == "the document ends within a comment or an instruction");
  CHECK(damage_in("<a></b>") == "found the end of 'b', which is not open");
  CHECK(damage_in("<abcdefghi></abcdefghj>") == "found the end of 'abcdefghj', which is not open");
  CHECK(damage_in("</a>") == "found the end of 'a', which is not open");
  CHECK(damage_in("<a/><b/>") == "found a second root element");
  CHECK(damage_in("<a b=1/>") == "found an attribute without quotes");
  CHECK(damage_in("<a b/>") == "found a tag that makes no sense");
  CHECK(damage_in("<a></a b>") == "found an end tag that makes no sense");
  CHECK(damage_in("< a/>") == "found '<' without a name");
  CHECK(damage_in("<a / >") == "found '/' within a tag");
  CHECK(damage_in(std::string("<a>x\0y</a>", 10)) == "found a NUL character");
  CHECK(damage_in("<" + std::string(1001, 'n') + "/>") == "found a name longer than 1000 bytes");
}

TEST_CASE("sheet: XML text longer than the window comes in pieces") {
  std::string long_text;
  while (long_text.size() < 1000000) long_text += "0123456789&amp;\r\n";
  std::string expected = "<a|";
  for (std::size_t i = 0; i < long_text.size(); i += 17) expected += "0123456789&\n";
  Drops drops("<a>" + long_text + "</a>", 100000);
  CHECK(tokens_of(drops) == expected + ">");
}

TEST_CASE("sheet: XML content that is plain can be had at once") {
  Drops drops("<a><b>1</b><b/><b>&lt;</b><b>2<c/></b></a>", 100);
  XmlTokenizer xml(drops);
  const auto next_start = [&xml] {
    while (xml.next() != XmlTokenizer::Token::start) continue;
    return xml.plain_content();
  };
  CHECK_FALSE(next_start());  // a: a tag is no text
  CHECK(next_start() == "1");
  CHECK(xml.next() == XmlTokenizer::Token::end);
  CHECK(next_start() == "");
  CHECK(xml.next() == XmlTokenizer::Token::end);
  CHECK_FALSE(next_start());
  CHECK(xml.next() == XmlTokenizer::Token::text);
  CHECK(xml.next() == XmlTokenizer::Token::end);
  CHECK_FALSE(next_start());
}

TEST_CASE("sheet: XML elements can be skipped with all in them") {
  Drops drops("<a><b><c>1</c><b/></b><d/><e/></a>", 3);
  XmlTokenizer xml(drops);
  std::string left;
  while (xml.next() != XmlTokenizer::Token::finished) {
    left += xml.name();
    if (xml.name() == "b" || xml.name() == "d") xml.skip_element();
  }
  CHECK(left == "abdeea");
}

TEST_CASE("sheet: XML in UTF-16 becomes UTF-8") {
  const std::u16string document = u"<a x='€'>\U0001F600</a>";
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) {
      std::string bytes;
      for (const char16_t unit : (mark ? u"\uFEFF" : u"") + document) {
        const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
        bytes += big ? high : low;
        bytes += big ? low : high;
      }
      for (const std::size_t step : {1, 100}) {
        CAPTURE(big);
        CAPTURE(mark);
        CAPTURE(step);
        XmlBytes utf8(std::make_unique<Drops>(bytes, step));
        CHECK(tokens_of(utf8) == "<a[x=€]|\U0001F600>");
      }
    }
  }
  XmlBytes marked(std::make_unique<Drops>("\xEF\xBB\xBF<a/>", 2));
  CHECK(tokens_of(marked) == "<a|>");
}

}  // namespace prism::sheet::test
