// The input is an archive of objects, which is read as a check and a restore do.

#include <cstdio>
#include <cstring>
#include <string>

#include <prism/drivers/s3/object_tar_reader.hpp>
#include <prism/drivers/s3/tar_names.hpp>

#include "check.hpp"
#include "support/tar.hpp"
#include "support/text_stream.hpp"

namespace prism::s3::fuzz {
namespace {

using sheet::fuzz::require_that;

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
    prism::test::TextSource source(bytes, 777);
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

}  // namespace
}  // namespace prism::s3::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::s3::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  name(bytes.substr(0, 1024));
  read(bytes);
  read(prism::test::with_tar_checksums(bytes));
  return 0;
}
