#include <archive.h>
#include <archive_entry.h>

#include <prism/base/error.hpp>
#include <prism/base/tar_input.hpp>
#include <prism/base/tar_stream.hpp>
#include <prism/base/text.hpp>

namespace prism {
namespace {

/// Only plain files have content.
std::uint64_t size_of(archive_entry* entry) {
  const bool is_file =
      archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
  return is_file ? static_cast<std::uint64_t>(archive_entry_size(entry)) : 0;
}

}  // namespace

void TarStream::FreeArchive::operator()(archive* tar) const { archive_read_free(tar); }

TarStream::TarStream(ByteSource& source, const Cancel& cancel)
    : cancel_(cancel), input_(std::make_unique<TarInput>(source)), tar_(archive_read_new()) {
  check(archive_read_support_format_tar(tar_.get()));
  check(archive_read_open(tar_.get(), input_.get(), nullptr, &TarInput::give, nullptr));
}

TarStream::~TarStream() = default;

archive_entry* TarStream::next() {
  cancel_.check();
  archive_entry* found = nullptr;
  const int result = archive_read_next_header(tar_.get(), &found);
  if (result == ARCHIVE_EOF) {
    check_end();
    return nullptr;
  }
  check(result);
  size_ = size_of(found);
  read_ = 0;
  return found;
}

std::string_view TarStream::content() {
  cancel_.check();
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  do {
    const int result = archive_read_data_block(tar_.get(), &data, &size, &offset);
    if (result == ARCHIVE_EOF) size = 0;
    if (result == ARCHIVE_EOF) break;
    check(result);
  } while (size == 0);
  const bool is_whole = size > 0 ? static_cast<std::uint64_t>(offset) == read_ : read_ == size_;
  if (!is_whole || size > size_ - read_) {
    throw Error(ErrorCode::bad_data,
                "tar: the content of a file is not as long as its header says");
  }
  read_ += size;
  return {static_cast<const char*>(data), size};
}

void TarStream::check(int result) const {
  input_->rethrow();
  if (result == ARCHIVE_OK) return;
  const char* const words = archive_error_string(tar_.get());
  throw Error(ErrorCode::bad_data,
              "tar: the archive is damaged: " +
                  (words == nullptr ? std::string("it can't be read") : in_quotes(words)));
}

void TarStream::check_end() {
  constexpr std::uint64_t kEndOfArchive = 1024;
  input_->rethrow();
  input_->read_to_end();
  const auto end = static_cast<std::uint64_t>(archive_read_header_position(tar_.get()));
  if (input_->size() < end + kEndOfArchive) {
    throw Error(ErrorCode::bad_data, "tar: the archive is cut off after " +
                                         with_separators(input_->size()) +
                                         " bytes: its two blocks of zeros at the end are missing");
  }
  if (input_->meaning() > end) {
    throw Error(ErrorCode::bad_data, "tar: something follows the end of the archive, which is at " +
                                         with_separators(end) + " bytes");
  }
}

}  // namespace prism
