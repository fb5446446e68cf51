#include <prism/drivers/neo4j/batch_lanes.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

/// What waits for a lane: some of it may not be taken yet, for it is not apart.
constexpr std::size_t kMostWaiting = std::size_t{8} << 20;

}  // namespace

std::size_t RowsBatch::bytes() const {
  std::size_t bytes = 0;
  for (const RowsQuery& query : queries) bytes += query.rows.size();
  return bytes;
}

BatchLanes::BatchLanes(Connections& connections, std::size_t lanes, TakePairs take)
    : connections_(connections), take_(std::move(take)), queue_(kMostWaiting) {
  for (std::size_t i = 0; i < lanes; ++i) threads_.emplace_back([this] { work(); });
}

BatchLanes::~BatchLanes() {
  queue_.stop();
  join();
}

void BatchLanes::push(RowsBatch batch) {
  if (!queue_.push(std::move(batch))) finish();
}

void BatchLanes::finish() {
  queue_.close();
  join();
  if (failure_) std::rethrow_exception(failure_);
}

void BatchLanes::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void BatchLanes::work() noexcept {
  try {
    while (const auto taken = queue_.pop()) {
      write(taken->batch);
      queue_.done(taken->groups);
    }
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    queue_.stop();
  }
}

/// Not tried again where the answer to its commit was lost: rows could be there twice.
void BatchLanes::write(const RowsBatch& batch) {
  std::vector<std::string> parameters;
  for (const RowsQuery& query : batch.queries) {
    Parameters one(1);
    one.value("rows").list(query.count);
    parameters.push_back(one.bytes() + query.rows);
  }
  Pairs pairs;
  connections_.transact(AccessMode::write, [&](Transaction& transaction) {
    pairs.clear();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      transaction.send({batch.queries[i].cypher, parameters[i]}, [&](Unpacker& fields) {
        const std::int64_t first = fields.integer();
        pairs.emplace_back(first, fields.integer());
      });
    }
  });
  const std::lock_guard lock(mutex_);
  if (take_) take_(pairs);
}

}  // namespace prism::neo4j
