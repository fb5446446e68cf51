#pragma once

#include <span>
#include <vector>

#include <prism/drivers/postgres/bulk_connection.hpp>
#include <prism/drivers/postgres/connections.hpp>
#include <prism/uid/registry.hpp>

namespace prism::postgres {

/// Keeps the ranges in `uid_range`, what was given in `uid_temporary` and `uid_blank`. Ranges are
/// taken in a short transaction of their own: nobody waits for a load, and what a load took that
/// came to nothing is lost.
class PostgresRegistry : public uid::Registry {
 public:
  explicit PostgresRegistry(Connections& connections) : connections_(connections) {}

  std::vector<uid::RangeState> ranges(const uid::Limits& limits) override;
  uid::Range reserve(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                     const uid::Highest& seen) override;
  std::vector<uid::Assigned> assign(std::span<const uid::Request> requests,
                                    const uid::Limits& limits, const uid::Highest& seen) override;

  /// From now on what is remembered is part of the load's transaction.
  void enter_load(BulkConnection& connection);
  void leave_load();

  /// At the load's end: no UID at or below these is handed out any more. Throws Error(locked) when
  /// another run got UIDs while the load went on that stand in the load.
  void raise(const uid::Highest& seen);

 private:
  std::vector<uid::Range> take(std::span<const uid::Wanted> wanted, const uid::Limits& limits,
                               const uid::Highest& seen);
  std::vector<uid::Assigned> assign_on(BulkConnection& connection,
                                       std::span<const uid::Request> requests,
                                       const uid::Limits& limits, const uid::Highest& seen);
  void require_not_given(uid::Kind kind, Uid before, Uid now);

  Connections& connections_;
  BulkConnection* load_ = nullptr;  ///< the connection of the load that is open
  uid::Highest at_begin_;           ///< of the load: the ranges' ends
  std::vector<uid::Range> taken_;   ///< by the load itself
};

}  // namespace prism::postgres
