#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/load_writer.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {
namespace {

/// Of a batch: the server holds all of it in its memory, and decodes it.
constexpr std::size_t kMostBytes = 16U << 20;
/// They keep two cores of a server busy; each costs it the memory of a batch.
constexpr std::size_t kLanes = 3;
/// Facts of one query of a small load.
constexpr std::size_t kTogether = 1000;

}  // namespace

void write_at_once(Transaction& transaction, LoadPlan& plan) {
  FactRows rows;
  const auto flush = [&](auto write) {
    if (rows.size() == 0) return;
    write_entities(transaction, nullptr, rows.entities());
    write(transaction, nullptr, rows);
    rows.clear();
  };
  plan.each_insert([&](const PlannedFact& fact) {
    rows.add(fact);
    if (rows.size() == kTogether) flush(write_facts);
  });
  flush(write_facts);
  std::unordered_set<Uid> collected;
  plan.each_update([&](const PlannedFact& fact) {
    if (rows.size() == kTogether || !collected.insert(fact.fact).second) {
      flush(write_updates);
      collected = {fact.fact};
    }
    rows.add(fact);
  });
  flush(write_updates);
}

LoadWriter::LoadWriter(Connections& connections, std::string load, LoadPlan& plan)
    : connections_(connections), load_(std::move(load)), plan_(plan), prefix_(random_name()) {}

void LoadWriter::write() {
  write_inserts();
  write_updates();
}

std::string LoadWriter::next_part() { return prefix_ + "." + std::to_string(++parts_); }

bool LoadWriter::is_full() const {
  return rows_.size() >= connections_.settings().batch_size || rows_.bytes() >= kMostBytes;
}

void LoadWriter::write_inserts() {
  BoundedQueue<Batch> queue(1);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kLanes; ++i) threads.emplace_back([&] { work(queue); });
  try {
    plan_.each_insert([&](const PlannedFact& fact) {
      rows_.add(fact);
      if (is_full()) hand_over(queue);
    });
    hand_over(queue);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
  queue.close();
  for (std::thread& thread : threads) thread.join();
  if (failure_) std::rethrow_exception(failure_);
}

void LoadWriter::hand_over(BoundedQueue<Batch>& lanes) {
  if (rows_.size() == 0) return;
  connections_.cancel().check();
  make_entities();
  // False: a lane has failed, which is told when all have ended.
  lanes.push({next_part(), std::exchange(rows_, {})});
}

void LoadWriter::make_entities() {
  std::vector<Uid> missing = rows_.entities();
  std::erase_if(missing, [this](Uid uid) { return entities_.contains(uid); });
  if (missing.empty()) return;
  const std::string part = next_part();
  transact(
      [&](Transaction& transaction) {
        const Part noted{load_, part};
        write_entities(transaction, &noted, missing);
      },
      [&] { return false; });  // done twice it makes nothing new
  for (const Uid uid : missing) entities_.insert(uid);
}

void LoadWriter::work(BoundedQueue<Batch>& lanes) noexcept {
  try {
    while (auto batch = lanes.pop()) write(*batch);
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    lanes.close();
    // What the others have not begun is left.
    while (lanes.pop()) continue;
  }
}

void LoadWriter::transact(const Connections::Work& work, const std::function<bool()>& is_there) {
  connections_.retried([&] {
    try {
      connections_.transact(AccessMode::write, work);
    } catch (const CommitUnknown& e) {
      if (!is_there()) throw Failure(e);
    }
  });
}

void LoadWriter::write(const Batch& batch) {
  try {
    transact(
        [&](Transaction& transaction) {
          const Part noted{load_, batch.part};
          write_facts(transaction, &noted, batch.rows);
        },
        [&] { return is_there(batch.part); });
  } catch (const Failure& failure) {
    if (!failure.is_out_of_memory() || batch.rows.size() < 2) throw;
    write_halves(batch);
  }
}

void LoadWriter::write_halves(const Batch& batch) {
  auto [first, second] = batch.rows.halves();
  write({batch.part + "a", std::move(first)});
  write({batch.part + "b", std::move(second)});
}

bool LoadWriter::is_there(const std::string& part) {
  Parameters parameters(2);
  parameters.text("load", load_).text("part", part);
  std::int64_t found = 0;
  connections_.transact(AccessMode::read, [&](Transaction& transaction) {
    found = integer_of(
        transaction,
        {"MATCH (p:PrismLoadPart {load: $load, part: $part}) RETURN count(p)", parameters.bytes()});
  });
  return found > 0;
}

/// One after the other, and no fact twice in one, for it may be updated twice.
void LoadWriter::write_updates() {
  std::unordered_set<Uid> collected;
  plan_.each_update([&](const PlannedFact& fact) {
    if (is_full() || !collected.insert(fact.fact).second) {
      flush_updates();
      collected = {fact.fact};
    }
    rows_.add(fact);
  });
  flush_updates();
}

void LoadWriter::flush_updates() {
  if (rows_.size() == 0) return;
  connections_.cancel().check();
  make_entities();
  const std::string part = next_part();
  transact(
      [&](Transaction& transaction) {
        const Part noted{load_, part};
        neo4j::write_updates(transaction, &noted, rows_);
      },
      [] { return false; });  // done twice it changes nothing
  rows_.clear();
}

}  // namespace prism::neo4j
