#include "support/memory_repository.hpp"

#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/repository/name.hpp>

namespace prism::test {

using repository::Object;
using repository::require_valid_name;
using repository::require_valid_prefix;

class MemoryRepository::Sink : public ByteSink {
 public:
  Sink(MemoryRepository& into, std::string name) : into_(into), name_(std::move(name)) {}

  void write(std::string_view bytes) override { content_ += bytes; }

  void finish() override {
    const std::lock_guard lock(into_.mutex_);
    const Stored stored{std::move(content_), std::chrono::system_clock::now()};
    if (into_.objects_.emplace(name_, stored).second) return;
    throw Error(ErrorCode::refused, name_ + ": is there already");
  }

 private:
  MemoryRepository& into_;
  std::string name_;
  std::string content_;
};

std::unique_ptr<ByteSink> MemoryRepository::create(const std::string& name) {
  require_valid_name(name);
  return std::make_unique<Sink>(*this, name);
}

std::unique_ptr<ByteSource> MemoryRepository::open(const std::string& name) {
  require_valid_name(name);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end()) throw Error(ErrorCode::input_missing, name + ": no such object");
  return std::make_unique<TextSource>(found->second.content);
}

std::vector<Object> MemoryRepository::list(const std::string& prefix) {
  require_valid_prefix(prefix);
  const std::lock_guard lock(mutex_);
  std::vector<Object> found;
  for (const auto& [name, stored] : objects_) {
    if (name.starts_with(prefix)) found.push_back({name, stored.content.size(), stored.modified});
  }
  return found;
}

void MemoryRepository::remove(const std::string& name) {
  require_valid_name(name);
  const std::lock_guard lock(mutex_);
  objects_.erase(name);
}

std::string& MemoryRepository::content(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return objects_.at(name).content;
}

}  // namespace prism::test
