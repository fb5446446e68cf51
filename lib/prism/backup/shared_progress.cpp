#include <prism/backup/shared_progress.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

class CountedSink : public ByteSink {
 public:
  CountedSink(std::unique_ptr<ByteSink> next, SharedProgress& progress, std::string target)
      : next_(std::move(next)), progress_(progress), target_(std::move(target)) {}

  void write(std::string_view bytes) override {
    next_->write(bytes);
    progress_.advance(target_, bytes.size());
  }
  void finish() override { next_->finish(); }

 private:
  std::unique_ptr<ByteSink> next_;
  SharedProgress& progress_;
  std::string target_;
};

class CountedSource : public ByteSource {
 public:
  CountedSource(std::unique_ptr<ByteSource> from, SharedProgress& progress, std::string target)
      : from_(std::move(from)), progress_(progress), target_(std::move(target)) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t size = from_->read(into);
    progress_.advance(target_, size);
    return size;
  }

 private:
  std::unique_ptr<ByteSource> from_;
  SharedProgress& progress_;
  std::string target_;
};

}  // namespace

SharedProgress::SharedProgress(Progress& progress, std::string_view what, std::uint64_t total)
    : progress_(progress) {
  progress_.begin(what, total, "bytes");
}

SharedProgress::~SharedProgress() { progress_.end(); }

void SharedProgress::begin(const std::string& target) {
  const std::lock_guard lock(mutex_);
  targets_[target] = 0;
  tell();
}

void SharedProgress::advance(const std::string& target, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  targets_[target] += bytes;
  tell();
  progress_.advance(bytes);
}

void SharedProgress::end(const std::string& target) {
  const std::lock_guard lock(mutex_);
  targets_.erase(target);
  tell();
}

void SharedProgress::tell() {
  std::string words;
  for (const auto& [target, bytes] : targets_) {
    words += (words.empty() ? "" : ", ") + target + " " + format_bytes(bytes);
  }
  progress_.detail(words);
}

std::unique_ptr<ByteSink> CountedWriter::create(const std::string& name) {
  return std::make_unique<CountedSink>(next_.create(name), progress_, target_);
}

std::unique_ptr<ByteSource> CountedReader::open(const std::string& name) {
  return std::make_unique<CountedSource>(from_.open(name), progress_, target_);
}

}  // namespace prism::backup
