#pragma once

#include <string>
#include <vector>

#include <prism/drivers/redis/component.hpp>

#include "support/redis.hpp"

namespace prism::test {

/// A value of every type and encoding that Redis 7.0 has, in the database of the URL, under names
/// of every encoding, some of which expire. `prefix` is part of all names but the odd ones.
void fill_redis(const std::string& url, const std::string& prefix = "");

/// The same for a Cluster, to whose nodes the keys are sent that they serve.
void fill_redis_cluster(const std::vector<std::string>& masters, std::size_t keys);

/// All that servers hold, as their users see it: each key of each database with a digest of its
/// value and the moment when it expires, streams with their groups, and function libraries.
std::string redis_state(const std::vector<std::string>& urls);

/// Removes all of it.
void empty_redis(const std::vector<std::string>& urls);

/// The nodes of a Cluster that are masters.
std::vector<std::string> masters_of(const std::string& cluster_url);

/// The target at that URL.
std::unique_ptr<backup::Component> redis_target(const std::string& url, Quiet& quiet,
                                                bool exact = false);

}  // namespace prism::test
