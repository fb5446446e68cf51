#pragma once

#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <prism/base/budget.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/queue.hpp>
#include <prism/base/task_pool.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/scope.hpp>
#include <prism/drivers/s3/tar_names.hpp>
#include <prism/drivers/s3/whole_object.hpp>

namespace prism::s3 {

/// How many requests are made at a time for small objects.
inline constexpr std::size_t kRequests = 8;
/// What the small ones that wait may take of memory, in bytes.
inline constexpr std::uint64_t kMemory = std::uint64_t{48} << 20;

/// An object of a target.
struct ReadObject {
  ListedObject listed;
  std::string name;      ///< below the target's prefix
  std::string tar_name;  ///< see TarNames
  WholeObject object;
  Budget::Share share;  ///< of the memory that its bytes take
};

/// Lists the objects of a target and reads the small ones, several at a time, ahead of who takes
/// them. They come in no certain order; those that are gone by then don't come.
class PRISM_API ReadAhead {
 public:
  /// All must outlive this.
  ReadAhead(Client& client, const Scope& scope, const Cancel& cancel);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Nothing at the end. Throws what listing or reading threw.
  std::optional<ReadObject> next();

 private:
  /// Small objects that one thread reads in a row: to hand over each by itself would wake threads
  /// for every one of them.
  class Batch;
  using Objects = std::vector<ReadObject>;

  void run();
  void list();
  void add(ListedObject& listed, Batch& batch);
  void read(Objects objects);
  bool read(ReadObject& object);
  void stop();

  Client& client_;
  const Scope& scope_;
  const Cancel& cancel_;
  Budget budget_{kMemory};
  BoundedQueue<Objects> read_;
  Objects taken_;  ///< what next() gives next is its last
  TarNames names_;
  std::exception_ptr failure_;  ///< read when the thread has ended
  std::thread lister_;
};

}  // namespace prism::s3
