#pragma once

#include <cstdint>
#include <functional>

#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/rdb_survey.hpp>

namespace prism::redis {

/// Has every RDB of the backup read once more.
using ReadBackup = std::function<void(RdbVisitor& visitor)>;

/// Removes the keys and function libraries that a backup does not hold, but for the record of the
/// restore. What it holds is remembered as 16 bytes of a hash for each key, of at most 4 million
/// keys at a time: of more the backup is read several times, for a part of them each. `now`: keys
/// that have expired by then count as not held.
void remove_surplus(Deployment& servers, const RdbSurvey& survey, const ReadBackup& read_backup,
                    std::int64_t now, Log& log, const Cancel& cancel);

}  // namespace prism::redis
