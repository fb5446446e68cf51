#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/load.hpp>
#include <prism/drivers/neo4j/load_writer.hpp>
#include <prism/drivers/neo4j/lock.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {
namespace {

/// What is written in one transaction at most: a server with a heap of 512 MB holds it with ease.
constexpr std::uint64_t kSmallWrites = 10'000;
constexpr std::uint64_t kSmallBytes = 16U << 20;

constexpr std::string_view kRemoveBareEntities =
    "UNWIND $uids AS uid MATCH (entity:Entity {uid: uid}) WHERE NOT (entity)--() DELETE entity";
constexpr std::string_view kRemoveLeftBehind =
    "MATCH (old:PrismOldFact {prism_load: $load}) UNWIND [old.lh_object_uid, old.rh_object_uid] "
    "AS uid WITH DISTINCT uid MATCH (entity:Entity {uid: uid}) WHERE NOT (entity)--() "
    "DELETE entity";
constexpr std::string_view kGrow =
    "MATCH (s:PrismStore) SET s.locked = true WITH s SET s.watermark = s.watermark + 1";

/// The load that was cut off half-way, once nothing of it is under way any more.
std::optional<LoadRecord> find_unfinished(Connections& connections) {
  await_writers(connections);
  return unfinished_load(connections);
}

}  // namespace

Neo4jLoad::Neo4jLoad(Connections& connections, Neo4jRegistry& registry,
                     store::OnConflict on_conflict, LoadVia via)
    : connections_(connections),
      registry_(registry),
      unfinished_(find_unfinished(connections)),
      plan_(connections, on_conflict,
            unfinished_ ? noted_facts(connections, *unfinished_) : uid::UidSet()) {
  if (via == LoadVia::load_csv) import_folder_.emplace(connections);
  registry_.enter_load(new_uids_);
}

Neo4jLoad::~Neo4jLoad() { registry_.leave_load(); }

store::LoadSummary Neo4jLoad::finish() {
  if (!summary_) summary_ = plan_.finish();
  return *summary_;
}

void Neo4jLoad::commit(const uid::Highest& seen) {
  finish();
  LoadRecord record{random_name(), format_utc(std::chrono::system_clock::now()),
                    plan_.fingerprint()};
  if (unfinished_) {
    require_the_same(record.fingerprint);
    return commit_in_parts(seen, *unfinished_);
  }
  if (!is_small() || !commit_at_once(seen, record)) commit_in_parts(seen, record);
}

void Neo4jLoad::require_the_same(const std::string& fingerprint) const {
  if (fingerprint == unfinished_->fingerprint) return;
  throw Error(ErrorCode::refused,
              fmt::format("{}: another load, begun {}, was cut off half-way",
                          connections_.address().text(), unfinished_->started),
              "nothing was stored; run that one again, or take it out with import --abort");
}

bool Neo4jLoad::is_small() const {
  return !import_folder_ && plan_.writes() + new_uids_.size() <= kSmallWrites &&
         plan_.bytes() <= kSmallBytes;
}

/// False where the server has not the memory for it, and nothing was stored.
bool Neo4jLoad::commit_at_once(const uid::Highest& seen, const LoadRecord& record) {
  try {
    connections_.transact(AccessMode::write, [&](Transaction& transaction) {
      write_all(transaction);
      complete(transaction, seen, record);
    });
  } catch (const Failure& failure) {
    if (!failure.is_out_of_memory()) throw;
    return false;
  } catch (const CommitUnknown&) {
    if (!is_complete(record)) throw;
  }
  return true;
}

void Neo4jLoad::write_all(Transaction& transaction) {
  write_at_once(transaction, plan_);
  new_uids_.write(transaction, "");
  const std::vector<Uid> left_behind(plan_.left_behind().begin(), plan_.left_behind().end());
  if (left_behind.empty()) return;
  Parameters parameters(1);
  parameters.uids("uids", left_behind);
  transaction.run({kRemoveBareEntities, parameters.bytes()});
}

// ---- in parts -----------------------------------------------------------------------------------

void Neo4jLoad::commit_in_parts(const uid::Highest& seen, LoadRecord record) {
  begin_parts(record);
  try {
    const ImportFolder* const folder = import_folder_ ? &*import_folder_ : nullptr;
    LoadWriter(connections_, record.id, plan_, folder).write();
    connections_.transact(AccessMode::write, [&](Transaction& transaction) {
      end_parts(transaction, record);
      complete(transaction, seen, record);
    });
  } catch (const CommitUnknown&) {
    if (!is_complete(record)) throw;
  } catch (const Error& e) {
    throw Error(e.code(),
                fmt::format("{}; the load, begun {}, is stored in part", e.what(), record.started),
                "run the same again to finish it, or take it out with import --abort");
  }
  remove_notes(connections_);
}

/// The UIDs that the load was given are there before any fact that bears one: the same load again
/// finds them.
void Neo4jLoad::begin_parts(const LoadRecord& record) {
  new_uids_.write_in_parts(connections_, record.id);
  connections_.transact(AccessMode::write,
                        [&](Transaction& transaction) { write_load_record(transaction, record); });
}

void Neo4jLoad::end_parts(Transaction& transaction, const LoadRecord& record) {
  Parameters parameters(1);
  parameters.text("load", record.id);
  transaction.run({kRemoveLeftBehind, parameters.bytes()});
}

void Neo4jLoad::complete(Transaction& transaction, const uid::Highest& seen, LoadRecord record) {
  raise_ranges(transaction, seen);
  if (summary_->inserted + summary_->updated > 0 || unfinished_) transaction.run({kGrow});
  record.complete = true;
  write_load_record(transaction, record);
}

bool Neo4jLoad::is_complete(const LoadRecord& record) {
  std::optional<LoadRecord> last;
  connections_.transact(AccessMode::read,
                        [&](Transaction& transaction) { last = read_load_record(transaction); });
  return last && last->id == record.id && last->complete;
}

bool Neo4jLoad::abandon() {
  if (!unfinished_) return false;
  take_out(connections_, *unfinished_);
  unfinished_.reset();
  return true;
}

/// The memory of UIDs goes last: cut off before that, the same again goes on.
void Neo4jLoad::clear() {
  remove_all(connections_);
  unfinished_.reset();
  connections_.transact(AccessMode::write, [&](Transaction& transaction) {
    transaction.run({"MATCH (n) WHERE n:PrismUidRange OR n:PrismLoad DELETE n"});
    transaction.run({kGrow});
  });
}

}  // namespace prism::neo4j
