#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <thread>

#include <prism/base/export.hpp>
#include <prism/base/queue.hpp>

namespace prism {

/// Runs tasks on threads of its own, begun in their order. Once one has thrown, those that have not
/// begun are dropped. Used by one thread.
class PRISM_API TaskPool {
 public:
  using Task = std::function<void()>;

  explicit TaskPool(std::size_t threads);
  /// Those under way are waited for, the others dropped.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  /// Waits while two for each thread wait. Throws what an earlier one threw.
  void run(Task task);

  /// Waits until all have run; no more may come. Throws what one of them threw.
  void finish();

 private:
  void work();

  BoundedQueue<Task> tasks_;
  std::atomic<bool> drops_ = false;
  std::exception_ptr failure_;  ///< read when the threads have ended
  std::thread crew_;
};

}  // namespace prism
