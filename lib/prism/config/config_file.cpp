#include <algorithm>
#include <cerrno>

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
      if (field.str() == "url") {
        taken.url = value_of(value, key + "url");
      } else if (field.str() == "paths") {
        taken.paths = values_of(value, key + "paths");
      } else if (field.str() == "before") {
        taken.before = value_of(value, key + "before");
      } else if (field.str() == "after") {
        taken.after = value_of(value, key + "after");
      } else if (field.str() == "scratch") {
        taken.scratch = value_of(value, key + "scratch");
      } else if (field.str() == "dump_command") {
        taken.dump_command = value_of(value, key + "dump_command");
      } else if (field.str() == "load_command") {
        taken.load_command = value_of(value, key + "load_command");
      } else if (field.str() == "time_limit") {
        taken.time_limit = seconds_of(value, key + "time_limit");
      } else {
        fail(value.source().begin.line, "unknown key " + in_quotes(key + std::string(field.str())),
             "did you mean " + in_quotes(key + "url") + "?");
      }
    }
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
      fail(node.source().begin.line, in_quotes(name) + " is no list of paths", "");
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
