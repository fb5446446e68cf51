#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <prism/drivers/postgres/connections.hpp>
#include <prism/store/store.hpp>

namespace prism::postgres {

/// The key of an advisory lock of ours in a database, by a name for what it guards.
std::int64_t lock_key(std::string_view name);
/// One for each purpose in each schema.
std::int64_t lock_key(const Connections& connections, std::string_view purpose);

/// Keeps other runs away: an advisory lock in a transaction that stays open as long, so that the
/// lock goes with the process, and works through PgBouncer. The transaction's application name says
/// who holds it.
std::unique_ptr<store::RunLock> lock_runs(Connections& connections, std::string_view purpose,
                                          std::chrono::seconds wait);

/// Who holds that lock, or nothing.
std::string run_lock_owner(pqxx::transaction_base& transaction, const Connections& connections);

}  // namespace prism::postgres
