#pragma once

#include <map>
#include <mutex>

#include <prism/backup/component.hpp>
#include <prism/base/context.hpp>

namespace prism::backup {

/// One progress, in bytes, of several targets that are dumped or read side by side; each one's
/// share is its detail. Several threads may call.
class PRISM_API SharedProgress {
 public:
  SharedProgress(Progress& progress, std::string_view what, std::uint64_t total = 0);
  ~SharedProgress();
  SharedProgress(const SharedProgress&) = delete;
  SharedProgress& operator=(const SharedProgress&) = delete;

  void begin(const std::string& target);
  void advance(const std::string& target, std::uint64_t bytes);
  void end(const std::string& target);

 private:
  void tell();

  Progress& progress_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> targets_;  ///< under way, and their bytes
};

/// Tells a progress what passes on its way to `next`, which is another's.
class PRISM_API CountedWriter : public ArtifactWriter {
 public:
  CountedWriter(ArtifactWriter& next, SharedProgress& progress, std::string target)
      : next_(next), progress_(progress), target_(std::move(target)) {}

  std::unique_ptr<ByteSink> create(const std::string& name) override;
  void passed(std::uint64_t bytes) override { progress_.advance(target_, bytes); }

 private:
  ArtifactWriter& next_;
  SharedProgress& progress_;
  std::string target_;
};

/// The same of what is read.
class PRISM_API CountedReader : public ArtifactReader {
 public:
  CountedReader(ArtifactReader& from, SharedProgress& progress, std::string target)
      : from_(from), progress_(progress), target_(std::move(target)) {}

  std::vector<std::string> names() const override { return from_.names(); }
  std::unique_ptr<ByteSource> open(const std::string& name) override;
  std::uint64_t size(const std::string& name) const override { return from_.size(name); }
  void passed(std::uint64_t bytes) override { progress_.advance(target_, bytes); }

 private:
  ArtifactReader& from_;
  SharedProgress& progress_;
  std::string target_;
};

}  // namespace prism::backup
