#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <prism/drivers/neo4j/apart_queue.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// A query with rows, which is a parameter of that name.
struct RowsQuery {
  std::string cypher;
  std::string rows;  ///< packed, without the header of their list
  std::size_t count = 0;
};

/// Queries of one transaction.
struct RowsBatch {
  std::vector<RowsQuery> queries;
  NodeGroups nodes = 0;  ///< of those that others must not have at the same time

  std::size_t bytes() const;
  NodeGroups groups() const { return nodes; }
};

/// Rows of two integers that the queries of a batch returned.
using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Writes batches in transactions of their own, several at a time: those that are apart.
class BatchLanes {
 public:
  /// Told of a batch once it is committed, by one thread at a time.
  using TakePairs = std::function<void(const Pairs&)>;

  /// Without `take` queries return no rows.
  BatchLanes(Connections& connections, std::size_t lanes, TakePairs take = {});
  ~BatchLanes();
  BatchLanes(const BatchLanes&) = delete;
  BatchLanes& operator=(const BatchLanes&) = delete;

  /// Waits while all are busy. Throws what ended a lane.
  void push(RowsBatch batch);
  /// Waits until all is committed; no more may come. Throws what ended a lane.
  void finish();

 private:
  void work() noexcept;
  void join();
  void write(const RowsBatch& batch);

  Connections& connections_;
  TakePairs take_;
  ApartQueue<RowsBatch> queue_;
  std::mutex mutex_;            ///< of `failure_`, and of who is told
  std::exception_ptr failure_;  ///< the first
  std::vector<std::thread> threads_;
};

}  // namespace prism::neo4j
