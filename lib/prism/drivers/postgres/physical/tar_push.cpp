#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/file_list.hpp>
#include <prism/drivers/postgres/physical/tar_push.hpp>

namespace prism::postgres {
namespace {

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::bad_data, "archive of the server: " + why);
}

std::string plain(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path.starts_with("./") ? path.substr(2) : path;
}

EntryKind kind_of(char type) {
  switch (type) {
    case '0':
      return EntryKind::file;
    case '5':
      return EntryKind::folder;
    case '2':
      return EntryKind::link;
    default:
      fail("an entry of another kind");
  }
}

}  // namespace

void TarPush::begin_entry() {
  header_size_ = 0;
  if (ends_tar(header_)) {
    ++empty_blocks_;
    return;
  }
  if (empty_blocks_ > 0) fail("something follows its end");
  const TarHeader header = parse_tar_header(header_);
  BackupEntry entry;
  entry.path = below_ + plain(header.path);
  entry.kind = kind_of(header.type);
  entry.mode = header.mode;
  entry.modified = header.modified;
  if (entry.kind == EntryKind::file) entry.size = header.size;
  if (entry.kind == EntryKind::link) entry.target = header.target;
  require_inside(entry.path);
  files_.begin(entry);
  data_left_ = entry.size;
  padding_left_ = tar_padding(entry.size);
  if (data_left_ == 0) files_.end();
}

void TarPush::add(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t size = 0;
    if (data_left_ > 0) {
      size = std::min<std::uint64_t>(data_left_, bytes.size());
      files_.data(bytes.substr(0, size));
      data_left_ -= size;
      if (data_left_ == 0) files_.end();
    } else if (padding_left_ > 0) {
      size = std::min<std::uint64_t>(padding_left_, bytes.size());
      padding_left_ -= size;
    } else {
      size = std::min(kTarBlock - header_size_, bytes.size());
      bytes.copy(header_.data() + header_size_, size);
      header_size_ += size;
      if (header_size_ == kTarBlock) begin_entry();
    }
    bytes.remove_prefix(size);
  }
}

void TarPush::finish() const {
  const bool within = data_left_ > 0 || padding_left_ > 0 || header_size_ > 0;
  if (within || empty_blocks_ < 2) fail("it ends too early");
}

}  // namespace prism::postgres
