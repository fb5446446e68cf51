#pragma once

#include <memory>

#include <prism/cache/sink.hpp>
#include <prism/drivers/sqlite/database.hpp>

namespace prism::sqlite {

/// Opens the cache in an SQLite file, which may be the store's own. A table per family holds one
/// row a key, its members as a JSON array. A rebuild is one transaction: whatever ends it early,
/// readers keep what they saw.
std::unique_ptr<cache::CacheSink> open_cache(Options options, const Cancel& cancel);

}  // namespace prism::sqlite
