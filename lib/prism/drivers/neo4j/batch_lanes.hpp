#pragma once

#include <cstddef>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <prism/base/queue.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// A query with rows, which is a parameter of that name.
struct RowsQuery {
  std::string cypher;
  std::string rows;  ///< packed, without the header of their list
  std::size_t count = 0;
};

/// Queries of one transaction.
using RowsBatch = std::vector<RowsQuery>;

/// Writes batches in transactions of their own, several at a time.
class BatchLanes {
 public:
  BatchLanes(Connections& connections, std::size_t lanes);
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
  BoundedQueue<RowsBatch> queue_{1};
  std::mutex mutex_;
  std::exception_ptr failure_;  ///< the first
  std::vector<std::thread> threads_;
};

}  // namespace prism::neo4j
