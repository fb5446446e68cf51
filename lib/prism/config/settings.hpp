#pragma once

#include <array>
#include <string>

#include <prism/config/servers.hpp>
#include <prism/config/setting.hpp>
#include <prism/config/sources.hpp>
#include <prism/uid/registry.hpp>

namespace prism::config {

struct SettingValue {
  std::string text;
  std::string origin = "default";  ///< `flag --store`, `environment PRISMCTL_STORE`, …
};

/// The effective value of every setting.
class PRISM_API Settings {
 public:
  /// Throws Error(configuration), or Error(usage) for a flag, that names the setting and where its
  /// value came from.
  static Settings resolve(const Sources& sources);

  const SettingValue& value(Setting setting) const {
    return values_[static_cast<std::size_t>(setting)];
  }
  const std::string& text(Setting setting) const { return value(setting).text; }
  std::int64_t integer(Setting setting) const;

  uid::Limits uid_limits() const;
  ServerSettings servers() const;

 private:
  SettingValue& at(Setting setting) { return values_[static_cast<std::size_t>(setting)]; }
  void complete_s3_endpoint();
  void check_uid_limits() const;

  std::array<SettingValue, kSettingCount> values_;
};

/// The environment of this process.
PRISM_API Environment process_environment();

}  // namespace prism::config
