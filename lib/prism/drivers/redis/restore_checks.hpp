#pragma once

#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/rdb_survey.hpp>

namespace prism::redis {

/// Throws what would end a restore, before anything is touched: Error(configuration) for servers
/// older than the RDB, for a database that isn't there (a Cluster has 0 alone), for module types,
/// too little memory and too large values; Error(permission) for rights that are missing;
/// Error(unavailable) for replicas. `exact`: keys will be removed too.
void require_restorable(Deployment& servers, const RdbSurvey& survey, bool exact);

}  // namespace prism::redis
