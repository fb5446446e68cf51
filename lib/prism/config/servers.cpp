#include <prism/config/servers.hpp>

namespace prism::config {

ServerSettings ServerSettings::within(std::chrono::milliseconds limit) const {
  ServerSettings shorter = *this;
  shorter.wait = std::chrono::seconds(0);
  shorter.s3.retry_time = std::chrono::milliseconds(0);
  for (std::chrono::milliseconds* const timeout :
       {&shorter.postgres.connection_timeout, &shorter.postgres.statement_timeout,
        &shorter.redis.timeout, &shorter.neo4j.timeout, &shorter.s3.timeout,
        &shorter.consul.timeout, &shorter.nats.timeout}) {
    if (timeout->count() == 0 || *timeout > limit) *timeout = limit;
  }
  return shorter;
}

}  // namespace prism::config
