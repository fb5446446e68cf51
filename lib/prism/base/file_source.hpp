#pragma once

#include <string>

#include <prism/base/files.hpp>
#include <prism/base/stream.hpp>

namespace prism {

/// Gives what an open file holds; errors call it `name`.
class PRISM_API FileSource : public ByteSource {
 public:
  FileSource(FileDescriptor file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}

  std::size_t read(std::span<char> into) override;

 private:
  FileDescriptor file_;
  std::string name_;
};

}  // namespace prism
