#include <prism/base/socket.hpp>
#include <prism/config/endpoint.hpp>
#include <prism/drivers/tcp/probe.hpp>

namespace prism::tcp {
namespace {

class TcpProbe : public health::Probe {
 public:
  TcpProbe(Endpoint endpoint, std::chrono::milliseconds timeout, const Cancel& cancel)
      : endpoint_(std::move(endpoint)), timeout_(timeout), cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    const Socket connected(endpoint_, {.timeout = timeout_}, cancel_);
    return {.notes = {"accepts connections"}};
  }

 private:
  Endpoint endpoint_;
  std::chrono::milliseconds timeout_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(const std::string& url, std::chrono::milliseconds timeout,
                                          const Cancel& cancel) {
  return std::make_unique<TcpProbe>(config::endpoint_of_url(url), timeout, cancel);
}

}  // namespace prism::tcp
