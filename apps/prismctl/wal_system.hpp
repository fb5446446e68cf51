#pragma once

#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

#include <prism/drivers/postgres/wal/archive.hpp>

#include "session.hpp"

namespace prismctl {

/// `--system ID`
void add_system(CLI::App& app, std::string& system);

/// Of the cluster to whose data folder a WAL file belongs: `asked`, else what the pg_control says
/// of our working folder, in which the server runs its commands, or of the folder above the file's.
/// Throws Error(input_missing) where there is none.
std::string system_of(const std::string& asked, const std::filesystem::path& file);

/// As the settings say.
prism::postgres::WalOptions wal_options(const Session& session);

}  // namespace prismctl
