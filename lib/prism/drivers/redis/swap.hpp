#pragma once

#include <memory>

#include <prism/drivers/redis/cache.hpp>

namespace prism::redis {

/// A cache whose rebuilds are seen as a whole: built in another database of the server, exchanged
/// by SWAPDB at the commit. begin() throws Error(refused) where that can't be: in a Cluster, where
/// the database holds anything but the cache, and where no other is empty (or holds what such a
/// rebuild left that died); Error(usage) unless all families are rebuilt.
std::unique_ptr<cache::CacheSink> open_swap(const Options& options, const Login& login, Log& log,
                                            const Cancel& cancel);

}  // namespace prism::redis
