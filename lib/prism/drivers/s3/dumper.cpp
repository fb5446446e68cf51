#include <type_traits>
#include <utility>
#include <vector>

#include <prism/drivers/s3/dumper.hpp>
#include <prism/drivers/s3/source.hpp>

namespace prism::s3 {
namespace {

/// Nothing where the object was replaced or removed meanwhile.
template <typename Read>
std::optional<std::invoke_result_t<Read>> unless_changed(Read&& read) {
  try {
    return std::forward<Read>(read)();
  } catch (const Failure& failure) {
    if (!is_gone(failure) && !is_changed(failure)) throw;
    return std::nullopt;
  }
}

}  // namespace

Tally Dumper::dump() {
  ReadAhead ahead(client_, scope_, cancel_);
  while (auto object = ahead.next()) {
    cancel_.check();
    if (tally_.objects == 0) look_for_tags(object->listed.key);
    add(*object);
  }
  tar_.close();
  return tally_;
}

void Dumper::look_for_tags(const std::string& key) {
  try {
    client_.send({.key = key, .query = {{"tagging", ""}}});
  } catch (const Failure& failure) {
    if (failure.passes()) throw;
    reads_tags_ = failure.code() != ErrorCode::permission;
  }
}

/// A large one may have become small, and the other way round.
void Dumper::add(ReadObject& object) {
  for (int i = 0; i < kTries; ++i) {
    if (!object.object.is_large()) return add_small(object);
    if (add_large(object)) return;
    auto now = read_whole(client_, object.listed.key, 0);
    if (!now) return;
    object.object = std::move(*now);
  }
  fail_restless(client_, object.listed.key);
}

void Dumper::add_small(ReadObject& object) {
  tar_.begin({object.name, object.object.size, object.object.attributes}, object.tar_name,
             object.listed.modified);
  tar_.write(*object.object.bytes);
  tally_.add(object.object.size);
  client_.reuse(*std::move(object.object.bytes));
}

/// Whether it came to rest: else what was written of it is taken back. What the archive's sink
/// throws may look alike, so that only reading is listened to.
bool Dumper::add_large(const ReadObject& object) {
  auto begun = begin_large(object);
  if (!begun) return false;
  ObjectSource source(client_, object.listed.key, std::move(begun->first));
  tar_.begin(begun->object, object.tar_name, object.listed.modified);
  std::vector<char> block(std::size_t{1} << 20);
  for (;;) {
    cancel_.check();
    const auto got = unless_changed([&] { return source.read(block); });
    if (!got) break;
    if (*got == 0) {
      tally_.add(begun->object.size);
      return true;
    }
    tar_.write({block.data(), *got});
  }
  tar_.take_back(object.name, object.tar_name, object.listed.modified);
  return false;
}

std::optional<Dumper::Begun> Dumper::begin_large(const ReadObject& object) {
  const std::string& key = object.listed.key;
  return unless_changed([&] {
    Piece first = get_piece(client_, key, 0, ObjectSource::kPieceSize);
    TarObject found{object.name, first.object_size, read_attributes(client_, key, first.headers)};
    return Begun{std::move(first), std::move(found)};
  });
}

}  // namespace prism::s3
