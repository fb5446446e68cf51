#pragma once

#include <exception>
#include <thread>
#include <vector>

#include <prism/base/queue.hpp>
#include <prism/gellish/fact.hpp>
#include <prism/store/entity_names.hpp>

namespace prism::store {

/// Collects the entities and names of facts on a thread of its own, while the caller goes on
/// storing facts: a tenth of a load's time.
class NameCollector {
 public:
  NameCollector();
  ~NameCollector();
  NameCollector(const NameCollector&) = delete;
  NameCollector& operator=(const NameCollector&) = delete;

  /// Takes the rows of a batch that `wanted` marks.
  void add(gellish::FactBatch batch, std::vector<bool> wanted);

  /// Waits until all is collected. Nothing may be added afterwards.
  EntityNames& finish();

 private:
  struct Work {
    gellish::FactBatch batch;
    std::vector<bool> wanted;
  };

  void run();
  void collect(const Work& work);

  EntityNames names_;
  BoundedQueue<Work> queue_;
  std::exception_ptr failure_;  ///< written before the thread ends, read after
  std::thread thread_;
};

}  // namespace prism::store
