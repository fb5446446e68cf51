#include <algorithm>
#include <optional>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/registry.hpp>

namespace prism::sqlite {
namespace {

void raise_range(Database& database, uid::Kind kind, Uid highest) {
  Statement raise = database.prepare(
      "INSERT INTO uid_range (kind, highest) VALUES (?1, ?2) "
      "ON CONFLICT (kind) DO UPDATE SET highest = max(highest, ?2)");
  raise.bind(1, uid::kind_name(kind));
  raise.bind(2, highest);
  raise.run();
}

/// The memory of one workbook: finds what was given, notes what is missing, remembers what is new.
class Memory {
 public:
  Memory(Database& database, std::string_view workbook)
      : workbook_(workbook),
        find_temporary_(database.prepare(
            "SELECT uid FROM uid_temporary WHERE workbook = ? AND kind = ? AND number = ?")),
        find_blank_(database.prepare(
            "SELECT uid FROM uid_blank WHERE workbook = ? AND content = ? AND occurrence = ?")),
        add_temporary_(database.prepare("INSERT INTO uid_temporary VALUES (?, ?, ?, ?)")),
        add_blank_(database.prepare("INSERT INTO uid_blank VALUES (?, ?, ?, ?)")) {}

  Uid find(const uid::Temporary& temporary) {
    bind(find_temporary_, temporary);
    return found(find_temporary_);
  }
  Uid find(const uid::BlankFact& blank) {
    bind(find_blank_, blank);
    return found(find_blank_);
  }
  void remember(const uid::Temporary& temporary, Uid uid) {
    bind(add_temporary_, temporary);
    add_temporary_.bind(4, uid);
    add_temporary_.run();
  }
  void remember(const uid::BlankFact& blank, Uid uid) {
    bind(add_blank_, blank);
    add_blank_.bind(4, uid);
    add_blank_.run();
  }

 private:
  void bind(Statement& statement, const uid::Temporary& temporary) {
    statement.bind(1, workbook_);
    statement.bind(2, uid::kind_name(temporary.kind));
    statement.bind(3, temporary.number);
  }
  void bind(Statement& statement, const uid::BlankFact& blank) {
    statement.bind(1, workbook_);
    statement.bind_blob(2, blank.content);
    statement.bind(3, static_cast<std::int64_t>(blank.occurrence));
  }
  static Uid found(Statement& statement) {
    const ResetOnExit reset(statement);
    return statement.step() ? statement.integer(0) : 0;
  }

  std::string_view workbook_;
  Statement find_temporary_;
  Statement find_blank_;
  Statement add_temporary_;
  Statement add_blank_;
};

uid::Assigned recall(Memory& memory, const uid::Request& request) {
  uid::Assigned assigned;
  for (const auto& temporary : request.temporaries) {
    assigned.temporaries.push_back(memory.find(temporary));
  }
  for (const auto& blank : request.blanks) assigned.blanks.push_back(memory.find(blank));
  return assigned;
}

std::uint64_t missing(const uid::Request& request, const uid::Assigned& assigned, uid::Kind kind) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < request.temporaries.size(); ++i) {
    if (assigned.temporaries[i] == 0 && request.temporaries[i].kind == kind) ++count;
  }
  if (kind == uid::Kind::entity) return count;
  return count +
         static_cast<std::uint64_t>(std::count(assigned.blanks.begin(), assigned.blanks.end(), 0));
}

/// Gives the UIDs of a range, from its first, to what is missing.
void fill(Memory& memory, const uid::Request& request, uid::Assigned& assigned, uid::Kind kind,
          uid::Range range) {
  Uid next = range.first;
  for (std::size_t i = 0; i < request.temporaries.size(); ++i) {
    if (assigned.temporaries[i] != 0 || request.temporaries[i].kind != kind) continue;
    assigned.temporaries[i] = next++;
    memory.remember(request.temporaries[i], assigned.temporaries[i]);
  }
  if (kind == uid::Kind::entity) return;
  for (std::size_t i = 0; i < request.blanks.size(); ++i) {
    if (assigned.blanks[i] != 0) continue;
    assigned.blanks[i] = next++;
    memory.remember(request.blanks[i], assigned.blanks[i]);
  }
}

}  // namespace

void raise_ranges(Database& database, const uid::Highest& seen) {
  for (const uid::Kind kind : uid::kKinds) {
    if (seen.of(kind) > 0) raise_range(database, kind, seen.of(kind));
  }
}

/// The first UID above the range's begin, all that was handed out, and all that is stored.
Uid SqliteRegistry::next(uid::Kind kind, const uid::Limits& limits, const uid::Highest& seen) {
  Statement highest = database_.prepare(
      "SELECT coalesce((SELECT highest FROM uid_range WHERE kind = ?1), 0), "
      "coalesce((SELECT max(uid) FROM entity WHERE uid < ?2), 0), "
      "coalesce((SELECT max(fact_uid) FROM fact WHERE fact_uid < ?2), 0)");
  highest.bind(1, uid::kind_name(kind));
  highest.bind(2, limits.end(kind));
  highest.step();
  const Uid stored =
      std::max({highest.integer(0), highest.integer(1), highest.integer(2), seen.of(kind)});
  return std::max(limits.begin(kind), stored + 1);
}

std::vector<uid::RangeState> SqliteRegistry::ranges(const uid::Limits& limits) {
  std::vector<uid::RangeState> states;
  for (const uid::Kind kind : uid::kKinds) {
    states.push_back(uid::range_state(kind, next(kind, limits, {}), limits));
  }
  return states;
}

uid::Range SqliteRegistry::take(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                                const uid::Highest& seen) {
  const Uid first = next(kind, limits, seen);
  uid::require_left(uid::range_state(kind, first, limits), count, limits);
  raise_range(database_, kind, first + static_cast<Uid>(count) - 1);
  return {first, count};
}

uid::Range SqliteRegistry::reserve(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                                   const uid::Highest& seen) {
  Transaction transaction(database_);
  const uid::Range range = take(kind, count, limits, seen);
  transaction.commit();
  return range;
}

std::vector<uid::Assigned> SqliteRegistry::assign(std::span<const uid::Request> requests,
                                                  const uid::Limits& limits,
                                                  const uid::Highest& seen) {
  Transaction transaction(database_);
  std::vector<uid::Assigned> all;
  for (const uid::Request& request : requests) {
    Memory memory(database_, request.workbook);
    uid::Assigned assigned = recall(memory, request);
    for (const uid::Kind kind : uid::kKinds) {
      const std::uint64_t count = missing(request, assigned, kind);
      if (count == 0) continue;
      fill(memory, request, assigned, kind, take(kind, count, limits, seen));
      assigned.taken += count;
    }
    all.push_back(std::move(assigned));
  }
  transaction.commit();
  return all;
}

}  // namespace prism::sqlite
