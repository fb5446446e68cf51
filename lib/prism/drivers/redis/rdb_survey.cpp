#include <algorithm>
#include <charconv>
#include <numeric>

#include <prism/drivers/redis/rdb_survey.hpp>
#include <prism/drivers/redis/restore_record.hpp>

namespace prism::redis {

void RdbSurvey::version(unsigned number) { version_ = std::max(version_, number); }

void RdbSurvey::aux(std::string_view name, std::string_view value) {
  if (name == "redis-ver" || name == "valkey-ver") server_version_ = value;
  if (name != "used-mem") return;
  std::uint64_t bytes = 0;
  std::from_chars(value.data(), value.data() + value.size(), bytes);
  used_memory_ += bytes;
}

void RdbSurvey::function(const std::string& code) { libraries_.insert(library_name(code)); }

void RdbSurvey::value(const RdbKey& key, std::uint64_t size) {
  if (is_restore_record(key)) {
    is_unfinished_ = true;
    return;
  }
  ++keys_[key.database];
  largest_value_ = std::max(largest_value_, size);
}

void RdbSurvey::modules(const ModuleTypes& of_values, const ModuleTypes& beside) {
  value_modules_.insert(of_values.begin(), of_values.end());
  aux_modules_.insert(beside.begin(), beside.end());
}

std::uint64_t RdbSurvey::all_keys() const {
  return std::accumulate(keys_.begin(), keys_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& one) { return sum + one.second; });
}

backup::Content RdbSurvey::content() const {
  backup::Content content{server_version_, counts_of(keys_, libraries_.size())};
  if (is_unfinished_) {
    content.remarks.emplace_back(
        "taken while a restore was under way, or after one that was cut off: it holds neither the "
        "old state nor the new one");
  }
  for (const std::string& type : aux_modules_) {
    content.remarks.push_back("what the module of " + type +
                              " keeps beside keys comes back by the file alone, not by a restore");
  }
  return content;
}

std::string library_name(std::string_view code) {
  constexpr std::string_view kName = " name=";
  const std::string_view line = code.substr(0, code.find('\n'));
  const auto at = line.find(kName);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + kName.size());
  return std::string(rest.substr(0, rest.find_first_of(" \t\r")));
}

backup::Counts counts_of(const std::map<std::uint64_t, std::uint64_t>& keys,
                         std::size_t libraries) {
  backup::Counts counts;
  for (const auto& [database, count] : keys) {
    if (count > 0) counts["db" + std::to_string(database) + " keys"] = count;
  }
  if (libraries > 0) counts["functions"] = libraries;
  return counts;
}

}  // namespace prism::redis
