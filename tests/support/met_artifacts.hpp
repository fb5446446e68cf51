#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/memory_artifacts.hpp"

namespace prism::test {

/// Where artifacts are met.
struct Midst {
  int reading = 1;                     ///< that one, and those after it
  std::string name = {};               ///< readings of that artifact; empty: of any
  std::optional<std::size_t> at = {};  ///< once so many bytes were read; nothing: half of them
};

/// Artifacts in whose midst something happens as they are read, once in each reading.
class MetArtifacts : public backup::ArtifactReader {
 public:
  MetArtifacts(MemoryArtifacts& artifacts, Midst midst, std::function<void()> meet)
      : artifacts_(artifacts), midst_(std::move(midst)), meet_(std::move(meet)) {}

  std::vector<std::string> names() const override { return artifacts_.names(); }
  std::unique_ptr<ByteSource> open(const std::string& name) override {
    auto source = artifacts_.open(name);
    const bool counts = midst_.name.empty() || midst_.name == name;
    if (!counts || ++readings_ < midst_.reading) return source;
    const std::size_t at = midst_.at.value_or(artifacts_.content.at(name).size() / 2);
    return std::make_unique<Source>(std::move(source), at, meet_);
  }

 private:
  class Source : public ByteSource {
   public:
    Source(std::unique_ptr<ByteSource> whole, std::size_t left, std::function<void()> meet)
        : whole_(std::move(whole)), left_(left), meet_(std::move(meet)) {}

    std::size_t read(std::span<char> into) override {
      const std::size_t size = whole_->read(into.first(std::min<std::size_t>(into.size(), 10'000)));
      if (meet_ && size >= left_) std::exchange(meet_, {})();
      left_ -= std::min(left_, size);
      return size;
    }

   private:
    std::unique_ptr<ByteSource> whole_;
    std::size_t left_;
    std::function<void()> meet_;
  };

  MemoryArtifacts& artifacts_;
  Midst midst_;
  std::function<void()> meet_;
  int readings_ = 0;
};

}  // namespace prism::test
