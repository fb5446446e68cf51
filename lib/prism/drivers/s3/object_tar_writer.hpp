#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/base/tar_writer.hpp>
#include <prism/drivers/s3/object_tar.hpp>

namespace prism::s3 {

/// Writes an archive of objects. Used by one thread.
class PRISM_API ObjectTarWriter {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// The sink must live as long as this.
  explicit ObjectTarWriter(ByteSink& sink) : tar_(sink) {}

  /// `name` is one of TarNames.
  void begin(const TarObject& object, const std::string& name, Time modified);
  /// No more than the size of the object, all in all.
  void write(std::string_view content) { tar_.write(content); }
  /// What was begun last, whole or not, is void.
  void take_back(const std::string& key, const std::string& name, Time modified);
  /// Ends the archive, not the sink.
  void close() { tar_.close(); }

 private:
  TarWriter tar_;
};

}  // namespace prism::s3
