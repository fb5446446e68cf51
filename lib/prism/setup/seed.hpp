#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <prism/cache/builder.hpp>
#include <prism/setup/admin.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/importer.hpp>
#include <prism/store/store.hpp>

namespace prism::setup {

struct SeedOptions {
  std::vector<std::filesystem::path> paths;  ///< workbooks or folders; none: only an admin
  std::filesystem::path csv_folder;          ///< empty: a temporary one
  bool append = false;                       ///< into a store that holds facts already
  bool if_empty = false;                     ///< do nothing when it does
  bool strict = false;
  store::OnConflict on_conflict = store::OnConflict::fail;
  std::chrono::seconds lock_wait{0};
  uid::Limits limits;
  std::optional<Admin> admin;  ///< whom the system is to have
};

struct SeedResult {
  bool nothing_done = false;       ///< no workbooks, or the store held facts, under if_empty
  std::uint64_t facts_before = 0;  ///< that it held
  bool admin_made = false;         ///< false: it was there, or none was asked for
  std::string continued;           ///< the stage in which an earlier run was cut off, if so
  ConvertResult converted;
  ImportResult imported;
  std::optional<cache::BuildReport> cache;
};

/// Workbooks into a store and its cache, in recorded stages. Takes the store's lock. An earlier run
/// over the same workbooks that did not come to its end is continued. `sink` is null where there is
/// no cache. Throws Error(refused) for a store that holds facts, without `append`. That there is an
/// admin is seen to in any other case, also where nothing is loaded.
PRISM_API SeedResult seed(const SeedOptions& options, store::FactStore& store,
                          cache::CacheSink* sink, Context& context);

}  // namespace prism::setup
