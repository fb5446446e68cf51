#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/tar_stream.hpp>
#include <prism/drivers/s3/object_tar.hpp>

namespace prism::s3 {

/// Reads an archive of objects to its end. Errors are those of TarStream; what ObjectTarWriter does
/// not write throws Error(bad_data). Used by one thread.
class PRISM_API ObjectTarReader {
 public:
  /// Both must live as long as this.
  ObjectTarReader(ByteSource& source, const Cancel& cancel) : tar_(source, cancel) {}

  /// The next object, once it was asked whether the one before was taken back; none at the end.
  std::optional<TarObject> next();

  /// The next piece of its content; empty at its end.
  std::string_view content() { return tar_.content(); }

  /// Reads what is left of the content, and tells whether it is void.
  bool is_taken_back();

 private:
  struct Entry {
    TarObject object;
    bool takes_back = false;
  };

  static Entry entry_of(archive_entry* found);
  static void take_attribute(Entry& entry, std::string_view name, std::string_view value);
  std::optional<Entry> read();

  TarStream tar_;
  std::string key_;  ///< of the object that was read last
  bool is_ahead_ = false;
  std::optional<Entry> ahead_;  ///< what follows it, where that was read
};

}  // namespace prism::s3
