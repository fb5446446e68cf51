#pragma once

#include <optional>
#include <string>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {

/// The one node of label PrismLoad: the load that is under way or was cut off, else the last one.
struct LoadRecord {
  std::string id;
  std::string started;      ///< UTC
  std::string fingerprint;  ///< of its facts
  bool complete = false;
};

std::optional<LoadRecord> read_load_record(Transaction& transaction);

/// Nothing, or a load that was cut off half-way.
std::optional<LoadRecord> unfinished_load(Connections& connections);

/// The facts that an unfinished load has made, or was about to make.
uid::UidSet noted_facts(Connections& connections, const LoadRecord& record);

/// In place of the one before.
void write_load_record(Transaction& transaction, const LoadRecord& record);

/// Removes what is noted of the parts of loads, of which none is unfinished; a piece at a time.
void remove_notes(Connections& connections);

/// Takes out what an unfinished load has stored, a piece at a time. Cut off, it may be called
/// again.
void take_out(Connections& connections, const LoadRecord& record);

/// Takes out all facts and entities, what is noted of loads, and what is remembered of UIDs, a
/// piece at a time. Cut off, it may be called again.
void remove_all(Connections& connections);

}  // namespace prism::neo4j
