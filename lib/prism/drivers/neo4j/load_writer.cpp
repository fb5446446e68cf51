#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/fact_cells.hpp>
#include <prism/drivers/neo4j/load_writer.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {
namespace {

/// Of a batch: the server holds all of it in its memory, and decodes it.
constexpr std::size_t kMostBytes = 16U << 20;
/// They keep two cores of a server busy; each costs it the memory of a batch.
constexpr std::size_t kLanes = 3;
/// Facts of a transaction at most: with more the server collects garbage for longer than it writes,
/// as scripts/bench shows.
constexpr std::size_t kMostFacts = 1000;
/// Facts of one file for LOAD CSV.
constexpr std::size_t kFileRows = 10'000;
/// The server reads no field that is longer than its buffer (db.import.csv.buffer_size), 2 MiB.
constexpr std::size_t kLongField = std::size_t{1} << 20;
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

LoadWriter::LoadWriter(Connections& connections, std::string load, LoadPlan& plan,
                       const ImportFolder* folder)
    : connections_(connections),
      load_(std::move(load)),
      plan_(plan),
      folder_(folder),
      batch_size_(std::min(connections.settings().batch_size, kMostFacts)),
      prefix_(random_name()) {}

void LoadWriter::write() {
  write_inserts();
  write_updates();
}

std::string LoadWriter::next_part() { return prefix_ + "." + std::to_string(++parts_); }

bool LoadWriter::is_full(std::size_t most) const {
  return rows_.size() >= most || rows_.bytes() >= kMostBytes;
}

void LoadWriter::write_inserts() {
  ApartQueue<Batch> queue(kMostBytes);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kLanes; ++i) threads.emplace_back([&] { work(queue); });
  try {
    FactCells cells(kMostBytes, [&](FactRows rows) { hand_over(queue, std::move(rows)); });
    plan_.each_insert([&](const PlannedFact& fact) {
      cells.add(fact, folder_ == nullptr ? batch_size_.load() : kFileRows);
    });
    cells.flush();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
  queue.close();
  for (std::thread& thread : threads) thread.join();
  if (failure_) std::rethrow_exception(failure_);
}

void LoadWriter::hand_over(ApartQueue<Batch>& lanes, FactRows rows) {
  connections_.cancel().check();
  make_entities(rows);
  // False: a lane has failed, which is told when all have ended.
  lanes.push({next_part(), std::move(rows)});
}

void LoadWriter::make_entities(const FactRows& rows) {
  std::vector<Uid> missing = rows.entities();
  std::erase_if(missing, [this](Uid uid) { return entities_.contains(uid); });
  if (missing.empty()) return;
  make_entities(missing);
  for (const Uid uid : missing) entities_.insert(uid);
}

void LoadWriter::make_entities(std::span<const Uid> missing) {
  const std::string part = next_part();
  try {
    transact(
        [&](Transaction& transaction) {
          const Part noted{load_, part};
          write_entities(transaction, &noted, missing);
        },
        [&] { return false; });  // done twice it makes nothing new
  } catch (const Failure& failure) {
    if (!may_halve(failure, missing.size())) throw;
    make_entities(missing.first(missing.size() / 2));
    make_entities(missing.subspan(missing.size() / 2));
  }
}

void LoadWriter::work(ApartQueue<Batch>& lanes) noexcept {
  try {
    std::optional<CsvLoader> loader;
    if (folder_ != nullptr) loader.emplace(connections_, *folder_);
    while (auto taken = lanes.pop()) {
      loader ? write_csv(taken->batch, *loader) : write(taken->batch);
      lanes.done(taken->groups);
    }
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    lanes.stop();
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
    if (!may_halve(failure, batch.rows.size())) throw;
    write_halves(batch);
  }
}

bool LoadWriter::may_halve(const Failure& failure, std::size_t size) {
  if (!failure.is_out_of_memory() || size < 2) return false;
  // What comes later need not fail first.
  batch_size_ = std::min<std::size_t>(batch_size_, size / 2);
  connections_.log().info(fmt::format("{}; {} go in two halves", failure.what(), size));
  return true;
}

void LoadWriter::write_halves(const Batch& batch) {
  auto [first, second] = batch.rows.halves();
  write({batch.part + "a", std::move(first)});
  write({batch.part + "b", std::move(second)});
}

/// A query that commits as it goes can't be done again as a whole, so what it may make is noted
/// before; where the server could not go on, what it has not made goes over Bolt.
void LoadWriter::write_csv(const Batch& batch, CsvLoader& loader) {
  if (batch.rows.longest() > kLongField) return write_pieces(batch.part, batch.rows);
  transact(
      [&](Transaction& transaction) {
        note_facts(transaction, {load_, batch.part}, batch.rows);
      },
      [&] { return is_there(batch.part); });
  try {
    loader.make_facts(batch.rows, batch_size_);
  } catch (const Failure& failure) {
    if (failure.again() != Again::later && !failure.is_out_of_memory()) throw;
    connections_.log().info(std::string(failure.what()) + "; the rest goes over Bolt");
    write_pieces(batch.part, batch.rows.without(made(batch.rows)));
  }
}

void LoadWriter::write_pieces(const std::string& part, const FactRows& rows) {
  std::size_t pieces = 0;
  FactRows piece;
  const auto flush = [&] {
    write({part + "." + std::to_string(++pieces), std::exchange(piece, {})});
  };
  rows.for_each([&](const PlannedFact& fact) {
    piece.add(fact);
    if (piece.size() >= batch_size_) flush();
  });
  if (piece.size() > 0) flush();
}

uid::UidSet LoadWriter::made(const FactRows& rows) {
  Parameters parameters(1);
  parameters.uids("uids", rows.facts());
  uid::UidSet made;
  connections_.transact(AccessMode::read, [&](Transaction& transaction) {
    transaction.run(
        {"UNWIND $uids AS uid MATCH (f:Fact {fact_uid: uid}) RETURN uid", parameters.bytes()},
        [&](Unpacker& fields) { made.insert(fields.integer()); });
  });
  return made;
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
    if (is_full(batch_size_) || !collected.insert(fact.fact).second) {
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
  make_entities(rows_);
  write_updates(rows_);
  rows_.clear();
}

void LoadWriter::write_updates(const FactRows& rows) {
  const std::string part = next_part();
  try {
    transact(
        [&](Transaction& transaction) {
          const Part noted{load_, part};
          neo4j::write_updates(transaction, &noted, rows);
        },
        [] { return false; });  // done twice it changes nothing
  } catch (const Failure& failure) {
    if (!may_halve(failure, rows.size())) throw;
    const auto [first, second] = rows.halves();
    write_updates(first);
    write_updates(second);
  }
}

}  // namespace prism::neo4j
