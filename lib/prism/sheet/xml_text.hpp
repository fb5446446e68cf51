#pragma once

#include <cstdint>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/sheet/string_arena.hpp>

namespace prism::sheet {

/// Text of an XML document as it is written there.
struct XmlText {
  enum class Form : std::uint8_t {
    plain,    ///< it means what it says
    escaped,  ///< it holds entities or carriage returns
    cdata,    ///< it holds carriage returns, but no entities
  };

  std::string_view written;
  Form form = Form::plain;
};

/// Appends what the text means: entities replaced, line ends as LF ([XML 1.0] sections 4.6, 4.1 and
/// 2.11). Throws Damage for an entity that is not defined.
PRISM_API void append_xml_text(TextBuffer& out, const XmlText& text);

}  // namespace prism::sheet
