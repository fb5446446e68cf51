#pragma once

#include <memory>

#include <prism/drivers/neo4j/options.hpp>
#include <prism/store/store.hpp>

namespace prism::neo4j {

/// Opens the store in a graph (DESIGN section 5). What is not a fact or an entity there bears
/// labels that begin with `Prism`. Connects: throws Error(unavailable) where the server can't be
/// reached, Error(permission) where it refuses the user.
std::unique_ptr<store::FactStore> open_store(Options options, Log& log, const Cancel& cancel);

}  // namespace prism::neo4j
