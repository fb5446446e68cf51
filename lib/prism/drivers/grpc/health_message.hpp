#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::grpc {

/// HealthCheckResponse.ServingStatus of grpc.health.v1.
enum class Serving : std::uint8_t {
  unknown = 0,
  serving = 1,
  not_serving = 2,
  service_unknown = 3
};

/// A HealthCheckRequest for that service, as a gRPC message with its prefix of 5 bytes.
PRISM_API std::string health_request(std::string_view service);

/// Of a HealthCheckResponse, a gRPC message with its prefix. Throws Error(io) for anything else.
PRISM_API Serving read_health_answer(std::string_view message);

}  // namespace prism::grpc
