#pragma once

#include <prism/drivers/postgres/connections.hpp>
#include <prism/store/store.hpp>

namespace prism::postgres {

/// The versions of the store's tables.
store::Schema read_schema(Connections& connections);

/// Brings them to a version, by default the newest, in one transaction. Throws Error(configuration)
/// for a newer schema, Error(refused) where tables of another program have the place, and for a way
/// down that would drop facts or forget UIDs.
void migrate(Connections& connections, std::optional<store::Version> to);

/// Throws Error(configuration) unless the schema is the newest.
void require_newest(Connections& connections);

}  // namespace prism::postgres
