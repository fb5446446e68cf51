#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/registry.hpp>

namespace prism::neo4j {
namespace {

/// Each of the three by an index alone.
constexpr std::string_view kHighest =
    "OPTIONAL MATCH (range:PrismUidRange {kind: $kind}) WITH coalesce(range.highest, 0) AS taken "
    "CALL { MATCH (e:Entity) WHERE e.uid < $end RETURN max(e.uid) AS entity } "
    "CALL { MATCH (f:Fact) WHERE f.fact_uid < $end RETURN max(f.fact_uid) AS fact } "
    "RETURN taken, coalesce(entity, 0), coalesce(fact, 0)";

/// Whoever comes second waits for the lock of the node, and then sees what the first has taken:
/// what is set is no property that is read, for that would be read before the lock is had.
constexpr std::string_view kLock =
    "MERGE (range:PrismUidRange {kind: $kind}) ON CREATE SET range.highest = 0 "
    "SET range.locked = true";

constexpr std::string_view kRaise =
    "MERGE (range:PrismUidRange {kind: $kind}) ON CREATE SET range.highest = 0 "
    "SET range.locked = true "
    "WITH range WHERE range.highest < $highest SET range.highest = $highest";

/// The first UID above the range's begin, all that was handed out, and all that is stored.
Uid next_uid(Transaction& transaction, uid::Kind kind, const uid::Limits& limits,
             const uid::Highest& seen) {
  Parameters parameters(2);
  parameters.text("kind", uid::kind_name(kind)).integer("end", limits.end(kind));
  Uid highest = seen.of(kind);
  transaction.run({kHighest, parameters.bytes()}, [&](Unpacker& fields) {
    for (int i = 0; i < 3; ++i) highest = std::max(highest, fields.integer());
  });
  return std::max(limits.begin(kind), highest + 1);
}

void lock_range(Transaction& transaction, uid::Kind kind) {
  Parameters parameters(1);
  parameters.text("kind", uid::kind_name(kind));
  transaction.run({kLock, parameters.bytes()});
}

void raise_range(Transaction& transaction, uid::Kind kind, Uid highest) {
  Parameters parameters(2);
  parameters.text("kind", uid::kind_name(kind)).integer("highest", highest);
  transaction.run({kRaise, parameters.bytes()});
}

}  // namespace

std::vector<uid::RangeState> Neo4jRegistry::ranges(const uid::Limits& limits) {
  std::vector<uid::RangeState> states;
  connections_.transact(AccessMode::read, [&](Transaction& transaction) {
    states.clear();
    for (const uid::Kind kind : uid::kKinds) {
      states.push_back(uid::range_state(kind, next_uid(transaction, kind, limits, {}), limits));
    }
  });
  return states;
}

/// All of them or none, in the order wanted. Where the answer to the commit was lost, they are
/// lost.
std::vector<uid::Range> Neo4jRegistry::take(std::span<const uid::Wanted> wanted,
                                            const uid::Limits& limits, const uid::Highest& seen) {
  std::vector<uid::Range> ranges;
  connections_.retried([&] {
    try {
      connections_.transact(AccessMode::write, [&](Transaction& transaction) {
        ranges.clear();
        for (const auto& [kind, count] : wanted) {
          lock_range(transaction, kind);
          const Uid first = next_uid(transaction, kind, limits, seen);
          uid::require_left(uid::range_state(kind, first, limits), count, limits);
          raise_range(transaction, kind, first + static_cast<Uid>(count) - 1);
          ranges.push_back({first, count});
        }
      });
    } catch (const CommitUnknown& e) {
      throw Failure(e);
    }
  });
  return ranges;
}

uid::Range Neo4jRegistry::reserve(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                                  const uid::Highest& seen) {
  const uid::Wanted wanted{kind, count};
  return take({&wanted, 1}, limits, seen).front();
}

std::vector<uid::Assigned> Neo4jRegistry::assign(std::span<const uid::Request> requests,
                                                 const uid::Limits& limits,
                                                 const uid::Highest& seen) {
  std::vector<uid::Assigned> known;
  connections_.transact(AccessMode::read,
                        [&](Transaction& transaction) { known = recall(transaction, requests); });
  std::vector<uid::Assigned> assigned = known;
  const std::vector<uid::Wanted> wanted = uid::missing_from(requests, known);
  if (wanted.empty()) return assigned;
  uid::hand_out(requests, wanted, take(wanted, limits, seen), assigned);
  NewUids new_uids;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    new_uids.add(requests[i], known[i], assigned[i]);
  }
  if (load_ != nullptr) {
    load_->append(std::move(new_uids));
  } else {
    connections_.transact(AccessMode::write,
                          [&](Transaction& transaction) { new_uids.write(transaction, ""); });
  }
  return assigned;
}

void raise_ranges(Transaction& transaction, const uid::Highest& seen) {
  for (const uid::Kind kind : uid::kKinds) {
    if (seen.of(kind) > 0) raise_range(transaction, kind, seen.of(kind));
  }
}

}  // namespace prism::neo4j
