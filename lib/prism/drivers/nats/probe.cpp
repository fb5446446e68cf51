#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/nats/connection.hpp>
#include <prism/drivers/nats/jetstream.hpp>
#include <prism/drivers/nats/probe.hpp>

namespace prism::nats {
namespace {

double number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

class NatsProbe : public health::Probe {
 public:
  NatsProbe(ProbeOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    const auto connection =
        connect(options_.address, options_.settings, Connection::Milliseconds(0), log_, cancel_);
    JetStream jetstream(*connection);
    health::Reading reading{.version = server_version(options_.address, cancel_)};
    add_account(reading, jetstream.call("INFO", nullptr, "how much JetStream keeps"));
    add_consumers(reading, jetstream);
    return reading;
  }

 private:
  /// A limit of -1 is none.
  static void add_use(health::Reading& reading, const Json& account, const char* name,
                      const char* limit) {
    constexpr double kPercent = 100;
    const double used = number_in(account, name);
    reading.metrics.push_back({std::string(name) + "_used", used, "B", {}, false, {}, {}});
    const auto limits = account.find("limits");
    const double most = limits == account.end() ? -1 : number_in(*limits, limit);
    if (most <= 0) return;
    reading.metrics.push_back({std::string(name) + "_share",
                               kPercent * used / most,
                               "%",
                               {85.0, {}},
                               false,
                               {},
                               std::string(name) + " in use"});
  }

  static void add_account(health::Reading& reading, const Json& account) {
    add_use(reading, account, "storage", "max_storage");
    add_use(reading, account, "memory", "max_memory");
    const double streams = number_in(account, "streams");
    reading.metrics.push_back({"streams", streams, "", {}, false, {}, {}});
    reading.notes.push_back(
        fmt::format("{:.0f} stream{}, {}", streams, streams == 1 ? "" : "s",
                    format_bytes(static_cast<std::uint64_t>(number_in(account, "storage")))));
  }

  void add_consumers(health::Reading& reading, JetStream& jetstream) const {
    for (const Stream& stream : jetstream.streams()) {
      cancel_.check();
      for (const Json& consumer : jetstream.durable_consumers(stream.name())) {
        const std::string name = stream.name() + "/" + consumer.value("name", std::string());
        reading.metrics.push_back({"pending",
                                   number_in(consumer, "num_pending"),
                                   "",
                                   {1000.0, {}},
                                   false,
                                   name,
                                   "messages pending"});
      }
    }
  }

  ProbeOptions options_;
  Log& log_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log, const Cancel& cancel) {
  return std::make_unique<NatsProbe>(std::move(options), log, cancel);
}

}  // namespace prism::nats
