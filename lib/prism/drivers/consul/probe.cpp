#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/consul/client.hpp>
#include <prism/drivers/consul/probe.hpp>

namespace prism::consul {
namespace {

using Json = nlohmann::json;

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

class ConsulProbe : public health::Probe {
 public:
  ConsulProbe(ProbeOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), client_({options_.address, options_.settings}, log, cancel) {}

  health::Reading look(health::Depth) override {
    client_.await_leader();
    health::Reading reading{.version = client_.version()};
    reading.notes.emplace_back("has a leader");
    add_peers(reading);
    add_checks(reading);
    return reading;
  }

 private:
  /// An array, or nothing where the token may not ask.
  Json list_at(const char* path) {
    const Json list = Json::parse(client_.text_of(path), nullptr, false);
    if (list.is_array()) return list;
    throw Error(ErrorCode::io, options_.address.text() + path + ": the answer is no list");
  }

  void add_peers(health::Reading& reading) {
    const std::size_t count = list_at("/v1/status/peers").size();
    reading.metrics.push_back({"peers", static_cast<double>(count), "", {}, true, {}, "servers"});
    reading.notes.push_back(fmt::format("{} server{}", count, count == 1 ? "" : "s"));
  }

  void add_checks(health::Reading& reading) {
    const Json checks = list_at("/v1/health/state/critical");
    reading.metrics.push_back({"failing_checks",
                               static_cast<double>(checks.size()),
                               "",
                               {1.0, {}},
                               false,
                               {},
                               "failing checks"});
    constexpr std::size_t kShown = 5;
    for (std::size_t i = 0; i < std::min(kShown, checks.size()); ++i) {
      if (!checks[i].is_object()) continue;
      const std::string service = text_in(checks[i], "ServiceName");
      reading.notes.push_back("failing: " +
                              in_quotes(service.empty() ? text_in(checks[i], "Name") : service));
    }
  }

  ProbeOptions options_;
  Client client_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log, const Cancel& cancel) {
  return std::make_unique<ConsulProbe>(std::move(options), log, cancel);
}

}  // namespace prism::consul
