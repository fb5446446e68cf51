#pragma once

#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/postgres/options.hpp>
#include <prism/store/store.hpp>

namespace prism::postgres {

/// Opens the store in a schema of a PostgreSQL database, which must be there. Connects: throws
/// Error(unavailable) where the server can't be reached, Error(permission) where it refuses the
/// user.
std::unique_ptr<store::FactStore> open_store(Options options, Log& log, const Cancel& cancel);

}  // namespace prism::postgres
