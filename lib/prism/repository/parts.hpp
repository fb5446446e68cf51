#pragma once

#include <prism/repository/repository.hpp>

namespace prism::repository {

/// The n-th part of what is stored under `name` in several objects: `name`, `name.001`, `name.002`,
/// … so that `cat name name.*` joins them.
PRISM_API std::string part_name(const std::string& name, std::size_t n);

/// Spreads what is written over objects of at most `part_bytes` each, begun as they are needed.
class PRISM_API PartSink : public ByteSink {
 public:
  PartSink(Repository& repository, std::string name, std::uint64_t part_bytes);

  void write(std::string_view bytes) override;
  void finish() override;

  std::size_t parts() const { return parts_; }

 private:
  void begin_part();

  Repository& repository_;
  std::string name_;
  std::uint64_t part_bytes_;
  std::uint64_t room_ = 0;
  std::size_t parts_ = 0;
  std::unique_ptr<ByteSink> part_;
};

/// Reads the parts as one.
class PRISM_API PartSource : public ByteSource {
 public:
  /// Throws Error(input_missing), as reading on does, where one is not there.
  PartSource(Repository& repository, std::string name, std::size_t parts);

  std::size_t read(std::span<char> into) override;

 private:
  Repository& repository_;
  std::string name_;
  std::size_t parts_;
  std::size_t next_ = 1;
  std::unique_ptr<ByteSource> part_;
};

}  // namespace prism::repository
