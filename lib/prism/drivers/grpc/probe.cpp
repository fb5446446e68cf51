#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/http.hpp>
#include <prism/base/text.hpp>
#include <prism/config/endpoint.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/grpc/health_message.hpp>
#include <prism/drivers/grpc/probe.hpp>

namespace prism::grpc {
namespace {

/// What stands behind host and port, without the slash.
std::string service_of(const std::string& url) {
  const auto slash = url.find('/', url.find("://") + 3);
  return slash == std::string::npos ? "" : config::percent_decoded(url.substr(slash + 1));
}

class GrpcProbe : public health::Probe {
 public:
  GrpcProbe(ProbeOptions options, const Cancel& cancel)
      : options_(std::move(options)),
        endpoint_(config::endpoint_of_url(options_.url)),
        service_(service_of(options_.url)),
        cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    const std::string request = health_request(service_);
    const bool tls = config::scheme_of(options_.url) == "grpcs";
    HttpExchange exchange(
        {.method = "POST",
         .url = (tls ? "https://" : "http://") + endpoint_.text() + "/grpc.health.v1.Health/Check",
         .headers = {{"content-type", "application/grpc"}, {"te", "trailers"}},
         .text = request},
        {options_.timeout, options_.timeout, options_.ca_file, true}, cancel_);
    constexpr std::size_t kMost = 4096;
    const std::string answer = exchange.text(kMost);
    require_ok(exchange);
    return judged(read_health_answer(answer));
  }

 private:
  /// Status 12 is UNIMPLEMENTED, 5 NOT_FOUND: the server has no such service.
  void require_ok(const HttpExchange& exchange) const {
    const std::string status = exchange.header("grpc-status");
    if (exchange.status() == 200 && status == "0") return;
    const std::string who = options_.url + ": ";
    if (status.empty()) {
      throw Error(ErrorCode::io, who + "what answers is no gRPC server (HTTP " +
                                     std::to_string(exchange.status()) + ")");
    }
    const std::string words = config::percent_decoded(exchange.header("grpc-message"));
    throw Error(status == "16" || status == "7" ? ErrorCode::permission : ErrorCode::unavailable,
                who + "gRPC status " + status + (words.empty() ? "" : ": " + in_quotes(words)),
                status == "12" ? "the server has no grpc.health.v1.Health service" : "");
  }

  health::Reading judged(Serving serving) const {
    health::Reading reading;
    if (serving == Serving::serving) {
      reading.notes.emplace_back("serving");
    } else {
      reading.add_problem(health::State::critical, service_.empty()
                                                       ? "not serving"
                                                       : in_quotes(service_) + " is not serving");
    }
    return reading;
  }

  ProbeOptions options_;
  Endpoint endpoint_;
  std::string service_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, const Cancel& cancel) {
  return std::make_unique<GrpcProbe>(std::move(options), cancel);
}

}  // namespace prism::grpc
