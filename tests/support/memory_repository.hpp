#pragma once

#include <map>
#include <mutex>
#include <string>

#include <prism/base/stream.hpp>
#include <prism/repository/repository.hpp>

namespace prism::test {

/// Gives a text, at most `piece` bytes at a time.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string text, std::size_t piece = std::string::npos)
      : text_(std::move(text)), piece_(piece) {}

  std::size_t read(std::span<char> into) override;

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

/// Keeps all that it takes.
class TextSink : public ByteSink {
 public:
  void write(std::string_view bytes) override { text_ += bytes; }
  void finish() override { finished_ = true; }

  const std::string& text() const { return text_; }
  bool finished() const { return finished_; }

 private:
  std::string text_;
  bool finished_ = false;
};

/// Writes a text in pieces of 1, 2, 4, … bytes, and from 64 KiB on in uneven ones.
void write_in_pieces(ByteSink& sink, std::string_view text);

/// All that is left, read in pieces of `piece` bytes.
std::string text_of(ByteSource& source, std::size_t piece = 64 * 1024);

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
