#pragma once

#include <prism/drivers/postgres/scratch_database.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// Gives the restored database the name of the target, and the one that is there, if any, another:
/// both or neither, in one transaction. Their sessions are ended; who connects meanwhile waits, and
/// gets the new one. Returns whether there was an old one, which is to be dropped now.
bool swap_databases(Server& server, const ScratchNames& names, const Cancel& cancel);

}  // namespace prism::postgres
