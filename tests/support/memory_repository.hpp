#pragma once

#include <map>
#include <mutex>
#include <string>

#include <prism/repository/repository.hpp>

#include "support/text_stream.hpp"

namespace prism::test {

/// Objects in memory.
class MemoryRepository : public repository::Repository {
 public:
  std::string location() const override { return "memory"; }
  std::unique_ptr<ByteSink> create(const std::string& name) override;
  std::unique_ptr<ByteSource> open(const std::string& name) override;
  std::vector<repository::Object> list(const std::string& prefix) override;
  void remove(const std::string& name) override;
  void remove_leftovers(std::chrono::system_clock::time_point) override {}

  /// Of an object that is there, to be damaged. Not while others use it.
  std::string& content(const std::string& name);

 private:
  class Sink;
  struct Stored {
    std::string content;
    std::chrono::system_clock::time_point modified;
  };

  std::mutex mutex_;
  std::map<std::string, Stored> objects_;
};

}  // namespace prism::test
