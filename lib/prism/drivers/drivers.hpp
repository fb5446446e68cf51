#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <prism/base/access.hpp>
#include <prism/base/cancel.hpp>
#include <prism/cache/sink.hpp>
#include <prism/store/store.hpp>

namespace prism::drivers {

struct OpenOptions {
  std::string url;  ///< a path, or `scheme:…`
  Access access = Access::read;
  std::chrono::seconds lock_wait{0};
};

/// Opens the fact store that a URL names. Throws Error(configuration) for an unknown scheme, else
/// as the driver says.
PRISM_API std::unique_ptr<store::FactStore> open_store(const OpenOptions& options,
                                                       const Cancel& cancel);

PRISM_API std::unique_ptr<cache::CacheSink> open_cache(const OpenOptions& options,
                                                       const Cancel& cancel);

/// Whether a store of that URL can hold the cache as well.
PRISM_API bool holds_cache(const std::string& store_url);

}  // namespace prism::drivers
