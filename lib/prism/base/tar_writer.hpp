#pragma once

#include <exception>
#include <memory>
#include <string_view>

#include <locale.h>
#include <sys/types.h>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

struct archive;
struct archive_entry;

namespace prism {

/// While it lives, the thread's locale is C.
class PRISM_API PlainLocale {
 public:
  PlainLocale();
  ~PlainLocale();
  PlainLocale(const PlainLocale&) = delete;
  PlainLocale& operator=(const PlainLocale&) = delete;

 private:
  locale_t plain_;
  locale_t before_;
};

/// Writes a tar archive, which ends with its two blocks of zeros: there is no padding behind them.
/// Names are kept byte by byte. Errors are those of the sink, or Error(io). Used by one thread.
class PRISM_API TarWriter {
 public:
  /// The sink must live as long as this.
  explicit TarWriter(ByteSink& sink);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  void begin(archive_entry* entry);
  /// No more than the size of the entry, all in all.
  void write(std::string_view content);
  /// Ends the archive, not the sink.
  void close();

 private:
  static ssize_t take(archive* tar, void* self, const void* data, std::size_t size);
  /// Throws unless `result` is good.
  void check(long long result) const;

  struct FreeArchive {
    void operator()(archive* tar) const;
  };

  ByteSink& sink_;
  bool is_over_ = false;        ///< nothing more goes to the sink
  std::exception_ptr failure_;  ///< of the sink
  PlainLocale locale_;
  std::unique_ptr<archive, FreeArchive> tar_;
};

}  // namespace prism
