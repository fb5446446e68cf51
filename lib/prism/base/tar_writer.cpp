#include <cerrno>
#include <string>

#include <archive.h>
#include <archive_entry.h>

#include <prism/base/error.hpp>
#include <prism/base/tar_writer.hpp>

namespace prism {

void TarWriter::FreeArchive::operator()(archive* tar) const { archive_write_free(tar); }

PlainLocale::PlainLocale()
    : plain_(::newlocale(LC_ALL_MASK, "C", nullptr)), before_(::uselocale(plain_)) {
  if (plain_ == nullptr) throw system_error(errno, "the locale C");
}

PlainLocale::~PlainLocale() {
  ::uselocale(before_);
  ::freelocale(plain_);
}

// libarchive would convert names that it takes for UTF-8, and normalize them when they are read.
// In the C locale it can't, and marks those that aren't ASCII as binary. Extended attributes are
// written in the form that GNU tar knows, not in libarchive's own as well.
TarWriter::TarWriter(ByteSink& sink) : sink_(sink), tar_(archive_write_new()) {
  check(archive_write_set_format_pax_restricted(tar_.get()));
  check(archive_write_set_options(tar_.get(), "xattrheader=SCHILY"));
  check(archive_write_add_filter_none(tar_.get()));
  check(archive_write_set_bytes_per_block(tar_.get(), 64 * 1024));
  check(archive_write_set_bytes_in_last_block(tar_.get(), 1));
  check(archive_write_open(tar_.get(), this, nullptr, &TarWriter::take, nullptr));
}

// Without its close(), libarchive ends the archive now; archive_write_fail would leak its buffers.
TarWriter::~TarWriter() { is_over_ = true; }

void TarWriter::begin(archive_entry* entry) {
  const int result = archive_write_header(tar_.get(), entry);
  if (result != ARCHIVE_WARN) check(result);  // which says that a name is binary
}

void TarWriter::write(std::string_view content) {
  check(archive_write_data(tar_.get(), content.data(), content.size()));
}

void TarWriter::close() {
  check(archive_write_close(tar_.get()));
  is_over_ = true;
}

ssize_t TarWriter::take(archive* tar, void* self, const void* data, std::size_t size) {
  auto& writer = *static_cast<TarWriter*>(self);
  if (writer.is_over_) return -1;
  try {
    writer.sink_.write({static_cast<const char*>(data), size});
    return static_cast<ssize_t>(size);
  } catch (...) {
    writer.failure_ = std::current_exception();
    writer.is_over_ = true;
  }
  archive_set_error(tar, EIO, "the sink failed");
  return -1;
}

void TarWriter::check(long long result) const {
  if (failure_) std::rethrow_exception(failure_);
  if (result >= ARCHIVE_OK) return;
  const char* const words = archive_error_string(tar_.get());
  throw Error(ErrorCode::io,
              std::string("tar: ") + (words == nullptr ? "could not be written" : words));
}

}  // namespace prism
