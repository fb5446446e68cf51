#include <utility>

#include <prism/base/error.hpp>
#include <prism/base/task_pool.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/read_ahead.hpp>
#include <prism/drivers/s3/source.hpp>

namespace prism::s3 {
namespace {

/// What an object takes beside its bytes.
constexpr std::uint64_t kEach = 8 * 1024;
/// More than the memory allows: who reads never waits for who takes but for memory.
constexpr std::size_t kMost = kMemory / kEach + 1;

}  // namespace

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
  each_page(client_, scope_.prefix(), [&](std::vector<ListedObject>& page) {
    for (ListedObject& listed : page) {
      cancel_.check();
      auto name = scope_.name_of(listed.key);
      if (!name) continue;
      const bool is_large = listed.size > ObjectSource::kPieceSize;
      auto share = budget_.take(kEach + (is_large ? 0 : listed.size));
      if (!share) throw Error(ErrorCode::internal, "nobody takes the objects any more");
      std::string tar_name = names_.name_of(*name);
      const auto size = listed.size;
      ReadObject object{std::move(listed),
                        std::move(*name),
                        std::move(tar_name),
                        {size, {}, {}},
                        std::move(share)};
      pool.run([this, object = std::move(object)] { read(object); });
    }
  });
  pool.finish();
}

void ReadAhead::read(ReadObject object) {
  if (object.listed.size <= ObjectSource::kPieceSize) {
    auto found = read_whole(client_, object.listed.key, object.listed.size);
    if (!found) return;
    object.object = std::move(*found);
  }
  read_.push(std::move(object));
}

std::optional<ReadObject> ReadAhead::next() {
  auto object = read_.pop();
  if (object) return object;
  if (lister_.joinable()) lister_.join();
  if (failure_) std::rethrow_exception(failure_);
  return std::nullopt;
}

}  // namespace prism::s3
