#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

struct archive;
struct archive_entry;

namespace prism {

class TarInput;

/// Reads a tar archive to the end of its source, which its two blocks of zeros must be at, but for
/// more zeros. Errors are those of the source; what is damaged throws Error(bad_data). Used by one
/// thread.
class PRISM_API TarStream {
 public:
  /// Both must live as long as this.
  TarStream(ByteSource& source, const Cancel& cancel);
  ~TarStream();
  TarStream(const TarStream&) = delete;
  TarStream& operator=(const TarStream&) = delete;

  /// The next entry, after all content of the one before was read; null at the end. It is good
  /// until the next call.
  archive_entry* next();

  /// The next piece of the content of a file; empty at its end.
  std::string_view content();

 private:
  void check(int result) const;
  void check_end();

  struct FreeArchive {
    void operator()(archive* tar) const;
  };

  const Cancel& cancel_;
  std::unique_ptr<TarInput> input_;
  std::unique_ptr<archive, FreeArchive> tar_;
  std::uint64_t size_ = 0;  ///< of the entry
  std::uint64_t read_ = 0;  ///< of that
};

}  // namespace prism
