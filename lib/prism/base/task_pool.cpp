#include <utility>

#include <prism/base/parallel.hpp>
#include <prism/base/task_pool.hpp>

namespace prism {

TaskPool::TaskPool(std::size_t threads) : tasks_(2 * threads) {
  crew_ = std::thread([this, threads] {
    try {
      run_parallel(threads, threads, [this](std::size_t) { work(); });
    } catch (...) {
      failure_ = std::current_exception();
    }
  });
}

TaskPool::~TaskPool() {
  drops_ = true;
  tasks_.close();
  if (crew_.joinable()) crew_.join();
}

void TaskPool::work() {
  try {
    while (const auto task = tasks_.pop()) {
      if (!drops_) (*task)();
    }
  } catch (...) {
    drops_ = true;
    tasks_.close();
    // What they hold is waited for elsewhere.
    while (tasks_.pop()) continue;
    throw;
  }
}

void TaskPool::run(Task task) {
  if (!tasks_.push(std::move(task))) finish();
}

void TaskPool::finish() {
  tasks_.close();
  if (crew_.joinable()) crew_.join();
  if (const auto failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
}

}  // namespace prism
