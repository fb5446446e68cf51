#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/index.hpp>

namespace prism::nats {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "prismctl NATS JetStream";
constexpr int kVersion = 1;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_data, std::string(Index::kArtifact) + ": " + what);
}

Form form_of(const std::string& word) {
  if (word == "snapshot") return Form::snapshot;
  if (word == "messages") return Form::messages;
  refuse("no form of a stream: " + in_quotes(word));
}

IndexEntry entry_of(const Json& json) {
  IndexEntry entry{json.at("name"),     json.at("stem"),      form_of(json.at("form")),
                   json.at("messages"), json.at("consumers"), json.at("has_consumers"),
                   json.at("at_rest")};
  if (entry.stem == stem_of(entry.name)) return entry;
  refuse("the artifacts of stream " + in_quotes(entry.name) + " are called otherwise");
}

Json to_json(const IndexEntry& entry) {
  return {{"name", entry.name},
          {"stem", entry.stem},
          {"form", entry.form == Form::snapshot ? "snapshot" : "messages"},
          {"messages", entry.messages},
          {"consumers", entry.consumers},
          {"has_consumers", entry.has_consumers},
          {"at_rest", entry.at_rest}};
}

Index index_of(const Json& json) {
  if (json.at("format") != kFormat) refuse("it is of another format");
  if (json.at("version") != kVersion) refuse("a newer prismctl made it");
  Index index{json.at("server"), {}, json.at("left_out")};
  for (const Json& entry : json.at("streams")) index.streams.push_back(entry_of(entry));
  return index;
}

void require_each_once(const Index& index) {
  std::set<std::string> names;
  for (const IndexEntry& entry : index.streams) {
    if (entry.name.empty()) refuse("a stream without a name");
    if (!names.insert(entry.name).second) refuse("stream " + in_quotes(entry.name) + " twice");
  }
}

}  // namespace

backup::Counts Index::counts() const {
  if (streams.empty()) return {};
  backup::Counts counts{{"streams", streams.size()}, {"consumers", 0}, {"messages", 0}};
  for (const IndexEntry& entry : streams) {
    counts["consumers"] += entry.consumers;
    counts["messages"] += entry.messages;
    counts["messages of " + entry.name] = entry.messages;
  }
  return counts;
}

std::string Index::to_json() const {
  Json entries = Json::array();
  for (const IndexEntry& entry : streams) entries.push_back(nats::to_json(entry));
  const Json json{{"format", kFormat},
                  {"version", kVersion},
                  {"server", server},
                  {"streams", entries},
                  {"left_out", left_out}};
  return json.dump(2);
}

std::vector<std::string> Index::artifacts() const {
  std::vector<std::string> names{kArtifact};
  for (const IndexEntry& entry : streams) {
    names.push_back(entry.config_artifact());
    names.push_back(entry.data_artifact());
    if (entry.has_consumers) names.push_back(entry.consumers_artifact());
  }
  return names;
}

Index parse_index(std::string_view json) {
  try {
    Index index = index_of(Json::parse(json));
    require_each_once(index);
    return index;
  } catch (const Json::exception& e) {
    refuse(in_quotes(e.what()));
  }
}

std::string stem_of(std::string_view stream) {
  constexpr std::size_t kLongest = 100, kKept = 30;
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string stem;
  for (const char c : stream) {
    const bool plain = kPlain.find(c) != std::string_view::npos;
    stem += plain ? std::string(1, c) : fmt::format("{:02X}.", static_cast<unsigned char>(c));
  }
  if (stem.size() <= kLongest) return stem;
  return stem.substr(0, kKept) + "-" + sha256_hex(stream);
}

}  // namespace prism::nats
