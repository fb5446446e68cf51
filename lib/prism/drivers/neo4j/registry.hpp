#pragma once

#include <span>
#include <vector>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/drivers/neo4j/uid_memory.hpp>
#include <prism/uid/registry.hpp>

namespace prism::neo4j {

/// Keeps each range in a node PrismUidRange, which whoever takes UIDs locks, and what was given in
/// nodes PrismTemporaryUid and PrismBlankUid. Ranges are taken in a short transaction of their own:
/// nobody waits for a load, and what a load took that came to nothing is lost.
class Neo4jRegistry : public uid::Registry {
 public:
  explicit Neo4jRegistry(Connections& connections) : connections_(connections) {}

  std::vector<uid::RangeState> ranges(const uid::Limits& limits) override;
  uid::Range reserve(uid::Kind kind, std::uint64_t count, const uid::Limits& limits,
                     const uid::Highest& seen) override;
  std::vector<uid::Assigned> assign(std::span<const uid::Request> requests,
                                    const uid::Limits& limits, const uid::Highest& seen) override;

  /// From now on what is new goes there, and the load writes it.
  void enter_load(NewUids& new_uids) { load_ = &new_uids; }
  void leave_load() { load_ = nullptr; }

 private:
  std::vector<uid::Range> take(std::span<const uid::Wanted> wanted, const uid::Limits& limits,
                               const uid::Highest& seen);

  Connections& connections_;
  NewUids* load_ = nullptr;  ///< of the load that is open
};

/// No UID at or below these is handed out any more.
void raise_ranges(Transaction& transaction, const uid::Highest& seen);

}  // namespace prism::neo4j
