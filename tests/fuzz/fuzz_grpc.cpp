// The input is a message of grpc.health.v1 that a server answers with.

#include <prism/base/error.hpp>
#include <prism/drivers/grpc/health_message.hpp>

#include "check.hpp"

namespace {

using prism::sheet::fuzz::require_that;

void check(std::string_view message) {
  try {
    const auto serving = prism::grpc::read_health_answer(message);
    require_that(serving <= prism::grpc::Serving::service_unknown, "a state that there is not");
  } catch (const prism::Error& refusal) {
    require_that(refusal.code() == prism::ErrorCode::io, "a refusal has another code");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  check({reinterpret_cast<const char*>(data), size});
  return 0;
}
