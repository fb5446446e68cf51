#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/base/http.hpp>
#include <prism/health/ping.hpp>

namespace prism::health {
namespace {

constexpr std::string_view kCommand = "{command}";

std::string suffix_of(Ping ping) {
  if (ping == Ping::success) return {};
  return ping == Ping::start ? "/start" : "/fail";
}

/// Empty: it was told; else why not.
std::string trouble_with(const std::string& url, const PingOptions& options) {
  // Of its own: an interrupted run is told of as well.
  Cancel cancel;
  cancel.limit_time(std::chrono::ceil<std::chrono::seconds>(options.time_limit));
  try {
    const HttpExchange exchange({.url = url},
                                {options.time_limit, options.time_limit, options.ca_file}, cancel);
    const int status = exchange.status();
    return status >= 200 && status < 300 ? "" : "HTTP " + std::to_string(status);
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

std::string ping_url(std::string url, Ping ping, std::string command, const std::string& run) {
  std::replace(command.begin(), command.end(), ' ', '-');
  const auto place = url.find(kCommand);
  if (place != std::string::npos) url.replace(place, kCommand.size(), command);
  const auto query = std::min(url.find('?'), url.size());
  std::string path = url.substr(0, query);
  while (path.ends_with('/')) path.pop_back();
  const std::string parameters = query < url.size() ? url.substr(query) + "&" : "?";
  return path + suffix_of(ping) + parameters + "rid=" + run;
}

std::string send_ping(const std::string& url, const PingOptions& options) {
  std::string trouble = trouble_with(url, options);
  return trouble.empty() ? trouble : trouble_with(url, options);
}

}  // namespace prism::health
