#include <algorithm>

#include <prism/drivers/nats/consumers.hpp>

namespace prism::nats {

std::string durable_name(const Json& consumer) { return consumer.at("config").at("durable_name"); }

std::uint64_t floor_of(const Json& consumer) {
  const Json &config = consumer.at("config"), &delivered = consumer.at("delivered");
  // The server tells of a floor only once something is acknowledged.
  const bool acknowledges = config.value("ack_policy", "none") != "none";
  const bool is_new = delivered.at("consumer_seq") == 0;
  const std::uint64_t floor =
      (acknowledges && !is_new ? consumer.at("ack_floor") : delivered).at("stream_seq");
  return std::max(floor,
                  std::max(config.value("opt_start_seq", std::uint64_t{1}), std::uint64_t{1}) - 1);
}

bool is_amid(const Json& consumer) {
  return consumer.at("delivered").at("stream_seq").get<std::uint64_t>() > floor_of(consumer);
}

void create_consumer(JetStream& jetstream, const Stream& stream, const Json& consumer) {
  const std::string name = durable_name(consumer);
  Json config = consumer.at("config");
  // What a work queue still holds is what nobody has acknowledged: all of it is delivered.
  if (stream.config.value("retention", "limits") != "workqueue") {
    config["deliver_policy"] = "by_start_sequence";
    config["opt_start_seq"] = floor_of(consumer) + 1;
    config.erase("opt_start_time");
  }
  jetstream.call("CONSUMER.DURABLE.CREATE." + stream.name() + "." + name,
                 {{"stream_name", stream.name()}, {"config", config}},
                 "creating consumer " + name + " of stream " + stream.name());
}

}  // namespace prism::nats
