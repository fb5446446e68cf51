#pragma once

#include <prism/drivers/sqlite/database.hpp>
#include <prism/uid/registry.hpp>

namespace prism::sqlite {

/// Keeps the ranges in `uid_range`, what was given in `uid_temporary` and `uid_blank`.
class SqliteRegistry : public uid::Registry {
 public:
  explicit SqliteRegistry(Database& database) : database_(database) {}

  std::vector<uid::RangeState> ranges(const uid::Limits& limits) override;
  uid::Range reserve(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                     const uid::Highest& seen) override;
  std::vector<uid::Assigned> assign(std::span<const uid::Request> requests,
                                    const uid::Limits& limits, const uid::Highest& seen) override;

 private:
  Uid next(uid::Kind kind, const uid::Limits& limits, const uid::Highest& seen);
  uid::Range take(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                  const uid::Highest& seen);

  Database& database_;
};

/// No UID at or below these is handed out any more. Part of the caller's transaction.
void raise_ranges(Database& database, const uid::Highest& seen);

}  // namespace prism::sqlite
