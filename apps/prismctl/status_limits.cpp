#include "status_limits.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <prism/base/text.hpp>

namespace prismctl {
namespace {

using prism::config::Setting;
using prism::health::LimitsByName;

void add_limits(LimitsByName& limits, const prism::config::SettingValue& value, WhichLimit which) {
  for (const std::string& one : CLI::detail::split(value.text, ',')) {
    if (prism::trimmed(one).empty()) continue;
    add_limit(limits, one, which, value.origin, prism::ErrorCode::configuration);
  }
}

}  // namespace

void add_limit(LimitsByName& limits, const std::string& text, WhichLimit which,
               const std::string& origin, prism::ErrorCode code) {
  const auto equals = text.find('=');
  double number = 0;
  if (equals == std::string::npos || !CLI::detail::lexical_cast(text.substr(equals + 1), number)) {
    throw prism::Error(
        code, fmt::format("{}: found {}, expected METRIC=NUMBER", origin, prism::in_quotes(text)),
        "such as connections=80; prismctl status --json shows all metrics");
  }
  limits[std::string(prism::trimmed(text.substr(0, equals)))].*which = number;
}

LimitsByName limits_of_settings(const prism::config::Settings& settings) {
  LimitsByName limits;
  add_limits(limits, settings.value(Setting::status_warn), &prism::health::Limits::warning);
  add_limits(limits, settings.value(Setting::status_critical), &prism::health::Limits::critical);
  return limits;
}

}  // namespace prismctl
