#include <algorithm>

#include <fmt/format.h>

#include <prism/repository/parts.hpp>

namespace prism::repository {

std::string part_name(const std::string& name, std::size_t n) {
  return n == 0 ? name : fmt::format("{}.{:03}", name, n);
}

PartSink::PartSink(Repository& repository, std::string name, std::uint64_t part_bytes)
    : repository_(repository), name_(std::move(name)), part_bytes_(part_bytes) {
  begin_part();
}

void PartSink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (room_ == 0) begin_part();
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room_));
    part_->write(bytes.substr(0, size));
    room_ -= size;
    bytes.remove_prefix(size);
  }
}

void PartSink::finish() { part_->finish(); }

void PartSink::begin_part() {
  if (part_) part_->finish();
  part_ = repository_.create(part_name(name_, parts_));
  ++parts_;
  room_ = part_bytes_;
}

PartSource::PartSource(Repository& repository, std::string name, std::size_t parts)
    : repository_(repository),
      name_(std::move(name)),
      parts_(parts),
      part_(repository.open(name_)) {}

std::size_t PartSource::read(std::span<char> into) {
  for (;;) {
    const std::size_t size = part_->read(into);
    if (size > 0 || next_ >= parts_) return size;
    part_ = repository_.open(part_name(name_, next_));
    ++next_;
  }
}

}  // namespace prism::repository
