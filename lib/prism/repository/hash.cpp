#include <prism/repository/hash.hpp>

namespace prism::repository {

void HashSink::write(std::string_view bytes) {
  hash_.add(bytes);
  bytes_ += bytes.size();
  next_.write(bytes);
}

void HashSink::finish() {
  next_.finish();
  sha256_ = hash_.hex();
}

std::size_t HashSource::read(std::span<char> into) {
  const std::size_t got = from_.read(into);
  hash_.add({into.data(), got});
  bytes_ += got;
  if (got == 0 && sha256_.empty()) sha256_ = hash_.hex();
  return got;
}

}  // namespace prism::repository
