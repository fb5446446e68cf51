#pragma once

#include <map>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/error.hpp>

namespace prism::test {

/// The artifacts of a target, in memory.
class MemoryArtifacts : public backup::ArtifactWriter, public backup::ArtifactReader {
 public:
  std::unique_ptr<ByteSink> create(const std::string& name) override {
    return std::make_unique<Sink>(content[name]);
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : content) names.push_back(name);
    return names;
  }

  std::unique_ptr<ByteSource> open(const std::string& name) override {
    const auto found = content.find(name);
    if (found == content.end()) throw Error(ErrorCode::bad_data, "no " + name);
    return std::make_unique<Source>(found->second);
  }

  std::map<std::string, std::string> content;

 private:
  class Sink : public ByteSink {
   public:
    explicit Sink(std::string& content) : content_(content) {}
    void write(std::string_view bytes) override { content_.append(bytes); }
    void finish() override {}

   private:
    std::string& content_;
  };

  class Source : public ByteSource {
   public:
    explicit Source(const std::string& content) : content_(content) {}
    std::size_t read(std::span<char> into) override {
      const std::size_t size = content_.copy(into.data(), into.size(), at_);
      at_ += size;
      return size;
    }

   private:
    const std::string& content_;
    std::size_t at_ = 0;
  };
};

}  // namespace prism::test
