#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

// What a restore that is under way, or was cut off, has in the graph beside what it restores. It is
// neither dumped nor counted.
//
// (:PrismRestore {name: 'restore', started, host, what}), from before the first change to the end;
// of a restore test, until its graph is empty again.
inline constexpr std::string_view kRestoreLabel = "PrismRestore";
/// Of the run lock, which is nobody's data (lock.hpp).
inline constexpr std::string_view kLockLabel = "PrismLock";

void write_restore_record(Connections& connections, const std::string& what);
void remove_restore_record(Connections& connections);

/// Words on what the record says, where it is there.
std::optional<std::string> read_restore_record(Connections& connections);

}  // namespace prism::neo4j
