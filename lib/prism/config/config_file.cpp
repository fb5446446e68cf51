#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>

#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/config/config_file.hpp>

namespace prism::config {
namespace {

void require_trusted(const std::filesystem::path& file) {
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0) throw system_error(errno, file.string());
  const bool owned = state.st_uid == ::geteuid() || state.st_uid == 0;
  if (owned && (state.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  throw Error(ErrorCode::configuration,
              file.string() + (owned ? ": others may write to this config file"
                                     : ": this config file belongs to someone else"),
              "it can name commands: chmod go-w it, or chown it to yourself or root");
}

const SettingSpec* find_key(std::string_view key) {
  const auto specs = setting_specs();
  const auto found =
      std::find_if(specs.begin(), specs.end(), [&](const SettingSpec& s) { return s.key == key; });
  return found == specs.end() ? nullptr : &*found;
}

std::string nearest_key(std::string_view key) {
  const auto specs = setting_specs();
  const auto nearest =
      std::min_element(specs.begin(), specs.end(), [&](const SettingSpec& a, const SettingSpec& b) {
        return edit_distance(key, a.key) < edit_distance(key, b.key);
      });
  return std::string(nearest->key);
}

constexpr std::array kFields{
    "url",          "paths",       "before",     "after",  "scratch",      "dump_command",
    "load_command", "time_limit",  "expect",     "queues", "dead_letters", "status_time_limit",
    "upstream",     "data_folder", "migrations", "warn",   "critical"};

std::string nearest_field(const std::string& field) {
  return *std::min_element(kFields.begin(), kFields.end(), [&](const char* a, const char* b) {
    return edit_distance(field, a) < edit_distance(field, b);
  });
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : name_(file.string()) {}

  ConfigFile read(const std::string& text) {
    try {
      take_table(toml::parse(text, name_), "");
    } catch (const toml::parse_error& e) {
      fail(e.source().begin.line, std::string(e.description()), "");
    }
    return std::move(values_);
  }

 private:
  [[noreturn]] void fail(toml::source_index line, const std::string& what,
                         const std::string& hint) const {
    throw Error(ErrorCode::configuration, fmt::format("{}: line {}: {}", name_, line, what), hint);
  }

  void take_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      const SettingSpec* spec = find_key(name);
      if (spec != nullptr) {
        values_.settings[spec->setting] = value_of(node, name);
      } else if (name == "targets" && node.is_table()) {
        take_targets(*node.as_table());
      } else if (node.is_table() && prefix.empty()) {
        take_table(*node.as_table(), name + ".");
      } else {
        fail(node.source().begin.line, "unknown key " + in_quotes(name),
             "did you mean " + in_quotes(nearest_key(name)) + "?");
      }
    }
  }

  void take_targets(const toml::table& targets) {
    for (const auto& [key, node] : targets) {
      const std::string name(key.str());
      require_target(node, name);
      take_target(*node.as_table(), name);
    }
  }

  void take_target(const toml::table& target, const std::string& name) {
    const std::string key = "targets." + name + ".";
    ConfiguredTarget& taken = values_.targets[name];
    for (const auto& [field, value] : target) {
      const std::string name(field.str());
      if (take_text(name, value, key, taken) || take_list(name, value, key, taken) ||
          take_number(name, value, key, taken) || take_limits(name, value, key, taken.watching)) {
        continue;
      }
      fail(value.source().begin.line, "unknown key " + in_quotes(key + name),
           "did you mean " + in_quotes(key + nearest_field(name)) + "?");
    }
  }

  bool take_text(const std::string& field, const toml::node& value, const std::string& key,
                 ConfiguredTarget& taken) const {
    std::string* const into = field == "url"            ? &taken.url
                              : field == "before"       ? &taken.before
                              : field == "after"        ? &taken.after
                              : field == "scratch"      ? &taken.scratch
                              : field == "dump_command" ? &taken.dump_command
                              : field == "load_command" ? &taken.load_command
                              : field == "expect"       ? &taken.watching.expect
                              : field == "data_folder"  ? &taken.watching.data_folder
                              : field == "migrations"   ? &taken.watching.migrations
                                                        : nullptr;
    if (into != nullptr) *into = value_of(value, key + field);
    return into != nullptr;
  }

  bool take_list(const std::string& field, const toml::node& value, const std::string& key,
                 ConfiguredTarget& taken) const {
    std::vector<std::string>* const into = field == "paths"          ? &taken.paths
                                           : field == "queues"       ? &taken.watching.queues
                                           : field == "dead_letters" ? &taken.watching.dead_letters
                                                                     : nullptr;
    if (into != nullptr) *into = values_of(value, key + field);
    return into != nullptr;
  }

  bool take_number(const std::string& field, const toml::node& value, const std::string& key,
                   ConfiguredTarget& taken) const {
    if (field == "time_limit") {
      taken.time_limit = seconds_of(value, key + field);
    } else if (field == "status_time_limit") {
      taken.watching.time_limit = seconds_of(value, key + field);
    } else if (field == "upstream") {
      taken.watching.upstream = flag_of(value, key + field);
    } else {
      return false;
    }
    return true;
  }

  bool take_limits(const std::string& field, const toml::node& value, const std::string& key,
                   Watching& taken) const {
    if (field != "warn" && field != "critical") return false;
    const toml::table* const table = value.as_table();
    if (table == nullptr) {
      fail(value.source().begin.line,
           in_quotes(key + field) + " is no table of limits, such as { connections = 80 }", "");
    }
    for (const auto& [metric, limit] : *table) {
      (field == "warn" ? taken.warn : taken.critical)[std::string(metric.str())] =
          limit_of(limit, key + field + "." + std::string(metric.str()));
    }
    return true;
  }

  void require_target(const toml::node& node, const std::string& name) const {
    constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    const bool plain = !name.empty() && name.find_first_not_of(kAllowed) == std::string::npos;
    const toml::table* const table = node.as_table();
    if (plain && table != nullptr && table->contains("url") != table->contains("paths")) return;
    fail(node.source().begin.line, "no target: " + in_quotes("targets." + name),
         "a target is a table with a url, or with the paths of files, such as [targets.ops]; its "
         "name has small letters, digits, _ and - in it");
  }

  std::vector<std::string> values_of(const toml::node& node, const std::string& name) const {
    const toml::array* const array = node.as_array();
    if (array == nullptr || array->empty()) {
      fail(node.source().begin.line, in_quotes(name) + " is no list of texts", "");
    }
    std::vector<std::string> values;
    for (const toml::node& value : *array) values.push_back(value_of(value, name));
    return values;
  }

  std::chrono::seconds seconds_of(const toml::node& node, const std::string& name) const {
    constexpr std::int64_t kMost = 30 * 86'400;
    const auto* const number = node.as_integer();
    if (number != nullptr && number->get() >= 1 && number->get() <= kMost) {
      return std::chrono::seconds(number->get());
    }
    fail(node.source().begin.line,
         fmt::format("{}: expected a number of seconds, 1 to {}", in_quotes(name), kMost), "");
  }

  bool flag_of(const toml::node& node, const std::string& name) const {
    if (const auto* flag = node.as_boolean()) return flag->get();
    fail(node.source().begin.line, in_quotes(name) + " is neither true nor false", "");
  }

  double limit_of(const toml::node& node, const std::string& name) const {
    const auto number = node.value<double>();
    if (number && std::isfinite(*number)) return *number;
    fail(node.source().begin.line, in_quotes(name) + " is no number", "");
  }

  std::string value_of(const toml::node& node, const std::string& name) const {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    fail(node.source().begin.line, in_quotes(name) + " is neither a text nor a whole number", "");
  }

  std::string name_;
  ConfigFile values_;
};

}  // namespace

ConfigFile read_config_file(const std::filesystem::path& file) {
  constexpr std::size_t kLimit = std::size_t{1} << 20;
  require_trusted(file);
  return Reader(file).read(read_file(file, kLimit));
}

}  // namespace prism::config
