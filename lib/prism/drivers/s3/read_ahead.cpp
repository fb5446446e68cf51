#include <algorithm>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/read_ahead.hpp>
#include <prism/drivers/s3/source.hpp>

namespace prism::s3 {
namespace {

/// What an object takes beside its bytes.
constexpr std::uint64_t kEach = 8 * 1024;
/// More than the memory allows: who reads never waits for who takes but for memory.
constexpr std::size_t kMost = kMemory / kEach + 1;

/// Of those that one thread reads in a row.
constexpr std::size_t kLongestBatch = 16;
constexpr std::uint64_t kLargestBatch = std::uint64_t{1} << 20;

}  // namespace

class ReadAhead::Batch {
 public:
  Batch(ReadAhead& ahead, TaskPool& pool) : ahead_(ahead), pool_(pool) {}

  /// Few objects are shared out among all threads.
  void expect(std::size_t count) {
    longest_ = std::clamp<std::size_t>(count / (4 * kRequests), 1, kLongestBatch);
  }

  void add(ReadObject object) {
    bytes_ += object.object.size;
    objects_.push_back(std::move(object));
    if (objects_.size() >= longest_ || bytes_ >= kLargestBatch) hand_over();
  }

  void hand_over() {
    if (objects_.empty()) return;
    auto objects = std::make_shared<Objects>(std::exchange(objects_, {}));
    bytes_ = 0;
    pool_.run([&ahead = ahead_, objects] { ahead.read(std::move(*objects)); });
  }

 private:
  ReadAhead& ahead_;
  TaskPool& pool_;
  Objects objects_;
  std::uint64_t bytes_ = 0;
  std::size_t longest_ = 1;
};

ReadAhead::ReadAhead(Client& client, const Scope& scope, const Cancel& cancel)
    : client_(client), scope_(scope), cancel_(cancel), read_(kMost) {
  lister_ = std::thread([this] { run(); });
}

ReadAhead::~ReadAhead() {
  stop();
  if (lister_.joinable()) lister_.join();
}

void ReadAhead::stop() {
  budget_.close();
  read_.close();
}

void ReadAhead::run() {
  try {
    list();
  } catch (...) {
    failure_ = std::current_exception();
  }
  read_.close();
}

void ReadAhead::list() {
  TaskPool pool(kRequests);
  Batch batch(*this, pool);
  each_page(client_, scope_.prefix(), [&](std::vector<ListedObject>& page) {
    batch.expect(page.size());
    for (ListedObject& listed : page) {
      cancel_.check();
      add(listed, batch);
    }
    batch.hand_over();  // the next page may take its time
  });
  pool.finish();
}

void ReadAhead::add(ListedObject& listed, Batch& batch) {
  auto name = scope_.name_of(listed.key);
  if (!name) return;
  const bool is_large = listed.size > ObjectSource::kPieceSize;
  auto share = budget_.take(kEach + (is_large ? 0 : listed.size));
  if (!share) throw Error(ErrorCode::internal, "nobody takes the objects any more");
  std::string tar_name = names_.name_of(*name);
  const auto size = listed.size;
  batch.add(
      {std::move(listed), std::move(*name), std::move(tar_name), {size, {}, {}}, std::move(share)});
}

void ReadAhead::read(Objects objects) {
  Objects found;
  found.reserve(objects.size());
  for (ReadObject& object : objects) {
    if (read(object)) found.push_back(std::move(object));
  }
  std::reverse(found.begin(), found.end());
  if (!found.empty()) read_.push(std::move(found));
}

/// Whether it is still there.
bool ReadAhead::read(ReadObject& object) {
  if (object.listed.size > ObjectSource::kPieceSize) return true;
  auto found = read_whole(client_, object.listed.key, object.listed.size);
  if (!found) return false;
  object.object = std::move(*found);
  return true;
}

std::optional<ReadObject> ReadAhead::next() {
  if (taken_.empty()) {
    if (auto objects = read_.pop()) taken_ = *std::move(objects);
  }
  if (!taken_.empty()) {
    ReadObject object = std::move(taken_.back());
    taken_.pop_back();
    return object;
  }
  if (lister_.joinable()) lister_.join();
  if (failure_) std::rethrow_exception(failure_);
  return std::nullopt;
}

}  // namespace prism::s3
