#pragma once

#include <cstdint>
#include <string>

#include <prism/drivers/nats/jetstream.hpp>

namespace prism::nats {

std::string durable_name(const Json& consumer);

/// The sequence up to which a consumer has all messages behind it: acknowledged, or delivered where
/// nothing is acknowledged. Throws a JSON exception for what is no consumer.
std::uint64_t floor_of(const Json& consumer);

/// Whether some messages above that are acknowledged, or wait to be: they are delivered once more
/// by one that is created anew.
bool is_amid(const Json& consumer);

/// Makes a consumer anew, which goes on behind that sequence.
void create_consumer(JetStream& jetstream, const Stream& stream, const Json& consumer);

}  // namespace prism::nats
