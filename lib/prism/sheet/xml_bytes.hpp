#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_stream.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/text_encoding.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {

/// The bytes of an XML document as UTF-8 without a byte order mark. UTF-16 is recognised by its
/// byte order mark or by its first character, `<` ([XML 1.0] appendix F); everything else is taken
/// as UTF-8.
class PRISM_API XmlBytes : public ByteStream {
 public:
  explicit XmlBytes(std::unique_ptr<ByteStream> in) : in_(std::move(in)) {}

  std::size_t read(std::span<char> out) override;

 private:
  void recognise();
  bool is_utf16() const {
    return encoding_ == Encoding::utf16_le || encoding_ == Encoding::utf16_be;
  }
  std::size_t take_pending(std::span<char> out);
  bool transcode();

  std::unique_ptr<ByteStream> in_;
  std::optional<Encoding> encoding_;
  TextBuffer pending_;  ///< UTF-8 that was not asked for yet
  std::size_t pending_at_ = 0;
  Utf16Appender utf16_{pending_};
  std::vector<unsigned char> units_;  ///< UTF-16; what is left of it is half a unit
};

}  // namespace prism::sheet
