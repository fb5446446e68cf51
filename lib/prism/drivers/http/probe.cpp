#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/http.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/http/probe.hpp>

namespace prism::http {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostText = std::size_t{1} << 20;

/// The value of `a.b`, as text; empty where there is none.
std::string field_of(const std::string& body, std::string_view path) {
  const Json whole = Json::parse(body, nullptr, false);
  const Json* at = &whole;
  while (!path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    if (!at->is_object()) return {};
    const auto found = at->find(std::string(path.substr(0, dot)));
    if (found == at->end()) return {};
    at = &*found;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  if (at->is_string()) return at->get<std::string>();
  return at->is_primitive() ? at->dump() : "";
}

std::string excerpt_of(std::string_view body) {
  constexpr std::size_t kMost = 100;
  const std::string_view text = trimmed(body);
  return std::string(text.substr(0, kMost)) + (text.size() > kMost ? "…" : "");
}

class HttpProbe : public health::Probe {
 public:
  HttpProbe(ProbeOptions options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    const auto begin = Clock::now();
    HttpExchange exchange({.url = options_.url},
                          {options_.timeout, options_.timeout, options_.ca_file}, cancel_);
    const std::string body = exchange.text(kMostText);
    const std::chrono::duration<double> taken = Clock::now() - begin;
    health::Reading reading;
    reading.notes.push_back("HTTP " + std::to_string(exchange.status()));
    reading.metrics.push_back(
        {"http_latency", taken.count(), "s", {0.5, {}}, false, {}, "time to answer"});
    add_certificate(reading, exchange);
    judge(reading, exchange.status(), body);
    return reading;
  }

 private:
  void judge(health::Reading& reading, int status, const std::string& body) const {
    if (status < 200 || status > 299) {
      return reading.add_problem(health::State::critical,
                                 fmt::format("HTTP {}: {}", status, in_quotes(excerpt_of(body))));
    }
    if (options_.expect.empty()) return;
    const auto equals = options_.expect.find('=');
    if (equals == std::string::npos) {
      if (body.find(options_.expect) == std::string::npos) refuse(reading, excerpt_of(body));
      return;
    }
    const std::string found = field_of(body, options_.expect.substr(0, equals));
    if (found != options_.expect.substr(equals + 1)) {
      refuse(reading, options_.expect.substr(0, equals) + "=" + excerpt_of(found));
    }
  }

  void refuse(health::Reading& reading, const std::string& found) const {
    reading.add_problem(
        health::State::critical,
        fmt::format("the answer is {}, expected {}", in_quotes(found), in_quotes(options_.expect)));
  }

  static void add_certificate(health::Reading& reading, const HttpExchange& exchange) {
    const auto end = exchange.certificate_end();
    if (!end) return;
    const auto left = *end - std::chrono::system_clock::now();
    const double days = std::chrono::duration<double, std::ratio<86'400>>(left).count();
    reading.metrics.push_back({"certificate_days_left", days, "", {14.0, 3.0}, true, {}, {}});
    reading.notes.push_back(fmt::format("certificate good for {:.0f} days", days));
  }

  ProbeOptions options_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, const Cancel& cancel) {
  return std::make_unique<HttpProbe>(std::move(options), cancel);
}

}  // namespace prism::http
