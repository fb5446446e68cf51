// The input is an archive of objects, which is read as a check and a restore do.

#include <cstdio>
#include <cstring>
#include <string>

#include <prism/drivers/s3/object_tar_reader.hpp>
#include <prism/drivers/s3/tar_names.hpp>

#include "check.hpp"

namespace prism::s3::fuzz {
namespace {

using sheet::fuzz::require_that;

class Source : public ByteSource {
 public:
  explicit Source(std::string_view bytes) : left_(bytes) {}
  std::size_t read(std::span<char> into) override {
    constexpr std::size_t kPiece = 777;
    const std::size_t size = left_.copy(into.data(), std::min(into.size(), kPiece));
    left_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view left_;
};

/// What a restore would send must be headers, and nothing behind them.
void check_object(const TarObject& object) {
  require_that(object.key.size() <= 1024, "a key is too long");
  for (const auto& [name, value] : headers_of(object.attributes)) {
    require_that(name.find_first_of(": \r\n") == std::string::npos, "a name is none of a header");
    require_that(value.find_first_of("\r\n") == std::string::npos, "a value ends its header");
  }
}

void read(std::string_view bytes) {
  sheet::fuzz::accepted([&] {
    Source source(bytes);
    const Cancel cancel;
    ObjectTarReader tar(source, cancel);
    while (const auto object = tar.next()) {
      check_object(*object);
      std::uint64_t size = 0;
      for (auto piece = tar.content(); !piece.empty(); piece = tar.content()) size += piece.size();
      require_that(size == object->size, "the content is not as long as it is said to be");
      tar.is_taken_back();
    }
  });
}

/// A name that is escaped is harmless but for its folder, and a harmless key leads nowhere else.
void name(const std::string& key) {
  TarNames names;
  const std::string name = names.name_of(key);
  require_that(name == key || name == escaped_name(key), "a name of another key");
  require_that(!name.starts_with('/') && ("/" + name + "/").find("/../") == std::string::npos,
               "a name leads out of the folder");
}

/// With right checksums, which are hard to come upon.
std::string mended(std::string bytes) {
  constexpr std::size_t kBlock = 512;
  constexpr std::size_t kChecksum = 148;
  for (std::size_t at = 0; at + kBlock <= bytes.size(); at += kBlock) {
    if (bytes.compare(at + 257, 5, "ustar") != 0) continue;
    std::memset(&bytes[at + kChecksum], ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = at; i < at + kBlock; ++i) sum += static_cast<unsigned char>(bytes[i]);
    std::snprintf(&bytes[at + kChecksum], 8, "%06o", sum);
  }
  return bytes;
}

}  // namespace
}  // namespace prism::s3::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::s3::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  name(bytes.substr(0, 1024));
  read(bytes);
  read(mended(bytes));
  return 0;
}
