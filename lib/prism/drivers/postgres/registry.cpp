#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/registry.hpp>
#include <prism/drivers/postgres/schema.hpp>
#include <prism/drivers/postgres/uid_memory.hpp>

namespace prism::postgres {
namespace {

/// The first UID above the range's begin, all that was handed out, and all that is stored.
Uid next_uid(pqxx::transaction_base& transaction, const std::string& schema, uid::Kind kind,
             const uid::Limits& limits, const uid::Highest& seen) {
  const std::string below = std::to_string(limits.end(kind));
  const pqxx::row highest = transaction.exec1(
      fmt::format("SELECT greatest((SELECT highest FROM {0}.uid_range WHERE kind = '{1}'), "
                  "(SELECT max(uid) FROM {0}.entity WHERE uid < {2}), "
                  "(SELECT max(fact_uid) FROM {0}.fact WHERE fact_uid < {2}), {3})",
                  schema, uid::kind_name(kind), below, seen.of(kind)));
  return std::max(limits.begin(kind), highest[0].as<Uid>() + 1);
}

}  // namespace

std::vector<uid::RangeState> PostgresRegistry::ranges(const uid::Limits& limits) {
  std::vector<uid::RangeState> states;
  connections_.transact([&](pqxx::transaction_base& transaction) {
    states.clear();
    for (const uid::Kind kind : uid::kKinds) {
      const Uid first = next_uid(transaction, connections_.schema(), kind, limits, {});
      states.push_back(uid::range_state(kind, first, limits));
    }
  });
  return states;
}

/// All of them or none, in the order wanted.
std::vector<uid::Range> PostgresRegistry::take(std::span<const uid::Wanted> wanted,
                                               const uid::Limits& limits,
                                               const uid::Highest& seen) {
  std::vector<uid::Range> ranges;
  connections_.transact([&](pqxx::transaction_base& transaction) {
    ranges.clear();
    for (const auto& [kind, count] : wanted) {
      // Whoever comes second waits here, and then sees what the first has taken.
      transaction.exec(fmt::format("SELECT FROM {}.uid_range WHERE kind = '{}' FOR UPDATE",
                                   connections_.schema(), uid::kind_name(kind)));
      const Uid first = next_uid(transaction, connections_.schema(), kind, limits, seen);
      uid::require_left(uid::range_state(kind, first, limits), count, limits);
      transaction.exec(fmt::format(
          "UPDATE {}.uid_range SET highest = {}, first = coalesce(first, {}) WHERE kind = '{}'",
          connections_.schema(), first + static_cast<Uid>(count) - 1, first, uid::kind_name(kind)));
      ranges.push_back({first, count});
    }
  });
  if (load_ != nullptr) taken_.insert(taken_.end(), ranges.begin(), ranges.end());
  return ranges;
}

uid::Range PostgresRegistry::reserve(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                                     const uid::Highest& seen) {
  const uid::Wanted wanted{kind, count};
  return take({&wanted, 1}, limits, seen).front();
}

std::vector<uid::Assigned> PostgresRegistry::assign(std::span<const uid::Request> requests,
                                                    const uid::Limits& limits,
                                                    const uid::Highest& seen) {
  if (load_ != nullptr) return assign_on(*load_, requests, limits, seen);
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    try {
      BulkConnection connection(connections_);
      auto assigned = assign_on(connection, requests, limits, seen);
      // Where the answer was lost, the next try finds what was remembered.
      if (connection.commit()) return assigned;
    } catch (const Failure& failure) {
      // Another run remembered the same first: it is found then.
      if (failure.sqlstate() != "23505") throw;
    }
  }
  throw Error(ErrorCode::locked, "another run gives UIDs to the same workbook", "try again");
}

std::vector<uid::Assigned> PostgresRegistry::assign_on(BulkConnection& connection,
                                                       std::span<const uid::Request> requests,
                                                       const uid::Limits& limits,
                                                       const uid::Highest& seen) {
  UidMemory memory(connection, connections_.schema());
  const std::vector<uid::Assigned> known = memory.recall(requests);
  std::vector<uid::Assigned> assigned = known;
  const std::vector<uid::Wanted> wanted = uid::missing_from(requests, known);
  if (wanted.empty()) return assigned;
  uid::hand_out(requests, wanted, take(wanted, limits, seen), assigned);
  memory.remember(requests, known, assigned);
  return assigned;
}

// ---- within a load ------------------------------------------------------------------------------

void PostgresRegistry::enter_load(BulkConnection& connection) {
  load_ = &connection;
  taken_.clear();
  const auto end_of = [&](uid::Kind kind) {
    return connection.integer(fmt::format("SELECT highest FROM {}.uid_range WHERE kind = '{}'",
                                          connections_.schema(), uid::kind_name(kind)));
  };
  at_begin_ = {end_of(uid::Kind::entity), end_of(uid::Kind::fact)};
}

void PostgresRegistry::leave_load() { load_ = nullptr; }

void PostgresRegistry::raise(const uid::Highest& seen) {
  for (const uid::Kind kind : uid::kKinds) {
    const Uid now =
        load_->integer(fmt::format("SELECT highest FROM {}.uid_range WHERE kind = '{}' FOR UPDATE",
                                   connections_.schema(), uid::kind_name(kind)));
    require_not_given(kind, at_begin_.of(kind), now);
    if (seen.of(kind) <= now) continue;
    load_->execute(fmt::format("UPDATE {}.uid_range SET highest = {} WHERE kind = '{}'",
                               connections_.schema(), seen.of(kind), uid::kind_name(kind)));
  }
}

/// Of the UIDs that were handed out since the load began, the load itself may hold its own only.
void PostgresRegistry::require_not_given(uid::Kind kind, Uid before, Uid now) {
  if (now <= before) return;
  const Uid first = load_->integer(
      fmt::format("SELECT coalesce(first, highest + 1) FROM {}.uid_range WHERE kind = '{}'",
                  connections_.schema(), uid::kind_name(kind)));
  std::string given = fmt::format("uid >= {} AND uid <= {}", std::max(first, before + 1), now);
  for (const uid::Range& own : taken_) {
    given += fmt::format(" AND NOT uid BETWEEN {} AND {}", own.first,
                         own.first + static_cast<Uid>(own.count) - 1);
  }
  const Uid held = load_->integer(fmt::format(
      "SELECT uid FROM (SELECT uid FROM {0}.entity UNION ALL SELECT fact_uid FROM {0}.fact) "
      "AS stored (uid) WHERE {1} LIMIT 1",
      connections_.schema(), given));
  if (held == 0) return;
  throw Error(ErrorCode::locked,
              fmt::format("{} UID {} of the input was given to another run while it was loaded",
                          uid::kind_name(kind), held),
              "nothing was stored; take UIDs for the input first, with prismctl uid reserve");
}

}  // namespace prism::postgres
