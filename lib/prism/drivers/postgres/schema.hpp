#pragma once

#include <prism/drivers/postgres/connections.hpp>
#include <prism/store/store.hpp>

namespace prism::postgres {

/// The schema of the store; throws Error(refused) where tables of another program have the place.
store::Schema read_schema(Connections& connections);

/// Applies what is pending, in one transaction under an advisory lock. Throws Error(configuration)
/// for a newer schema.
void migrate(Connections& connections);

/// Throws Error(configuration) unless the schema is the newest.
void require_newest(Connections& connections);

}  // namespace prism::postgres
