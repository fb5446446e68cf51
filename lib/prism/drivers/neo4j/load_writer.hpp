#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <prism/drivers/neo4j/apart_queue.hpp>
#include <prism/drivers/neo4j/csv_loader.hpp>
#include <prism/drivers/neo4j/fact_batch.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {

/// Writes what was planned as a part of one transaction.
void write_at_once(Transaction& transaction, LoadPlan& plan);

/// Writes what was planned in transactions of a batch each, several at a time: no single one could
/// hold a load of a million facts. Entities come before the facts that they belong to, in
/// transactions of their own, and those of facts that are written at a time have no entity in
/// common, so that none waits for another.
/// Each batch may be written again: what is there already is known by its part.
class LoadWriter {
 public:
  /// `folder` null: all goes over Bolt; else new facts go by LOAD CSV, through files in it.
  LoadWriter(Connections& connections, std::string load, LoadPlan& plan,
             const ImportFolder* folder);

  /// Throws what ended it; what was written before stays.
  void write();

 private:
  void write_inserts();
  void write_updates();
  void hand_over(ApartQueue<Batch>& lanes, FactRows rows);
  void make_entities(const FactRows& rows);
  void make_entities(std::span<const Uid> missing);
  void work(ApartQueue<Batch>& lanes) noexcept;
  void write(const Batch& batch);
  void write_csv(const Batch& batch, CsvLoader& loader);
  /// Over Bolt, in batches.
  void write_pieces(const std::string& part, const FactRows& rows);
  uid::UidSet made(const FactRows& rows);
  bool may_halve(const Failure& failure, std::size_t size);
  void write_halves(const Batch& batch);
  /// A transaction that is done once; where the answer to its commit was lost, `is_there` tells.
  void transact(const Connections::Work& work, const std::function<bool()>& is_there);
  bool is_there(const std::string& part);
  void flush_updates();
  void write_updates(const FactRows& rows);
  std::string next_part();
  bool is_full(std::size_t most) const;

  Connections& connections_;
  std::string load_;
  LoadPlan& plan_;
  const ImportFolder* folder_;
  std::atomic<std::size_t> batch_size_;  ///< less than was asked for where memory is short
  FactRows rows_;                        ///< being collected
  uid::UidSet entities_;                 ///< that are there
  std::string prefix_;                   ///< of the parts of this run
  std::size_t parts_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace prism::neo4j
