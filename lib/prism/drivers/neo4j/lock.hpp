#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/store/store.hpp>

namespace prism::neo4j {

/// Keeps other runs away: a transaction that stays open and holds the lock of a node, so that it
/// goes with the process. Its metadata say who it is. Waits, then throws Error(locked).
std::unique_ptr<store::RunLock> lock_runs(Connections& connections, std::string_view purpose,
                                          std::chrono::seconds wait);

/// Waits until what other processes of prismctl write now is done: the server needs a moment to end
/// what one that was killed had begun, or goes on to its end. Throws Error(locked) after a minute.
void await_writers(Connections& connections);

/// Who holds the lock; empty: nobody.
std::string run_lock_owner(Connections& connections);

}  // namespace prism::neo4j
