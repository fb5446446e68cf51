#include <algorithm>

#include <prism/base/read_all.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/consumers.hpp>
#include <prism/drivers/nats/memory_stream.hpp>
#include <prism/drivers/nats/snapshot.hpp>
#include <prism/drivers/nats/stream_artifacts.hpp>

namespace prism::nats {
namespace {

using backup::ArtifactReader;
using backup::ArtifactWriter;

/// A list of streams or consumers takes a few hundred bytes of each.
constexpr std::size_t kMostOfJson = std::size_t{32} << 20;

[[noreturn]] void refuse(const std::string& artifact, const std::string& what) {
  throw Error(ErrorCode::bad_data, artifact + ": " + what);
}

std::string text_of(ArtifactReader& artifacts, const std::string& name) {
  return read_all(*artifacts.open(name), kMostOfJson, name);
}

void check_snapshot(ArtifactReader& artifacts, const IndexEntry& entry, std::size_t others,
                    const Cancel& cancel) {
  const std::string name = entry.data_artifact();
  const auto source = artifacts.open(name);
  const Snapshot snapshot = read_snapshot(*source, cancel);
  if (snapshot.stream != entry.name) refuse(name, "it is of stream " + in_quotes(snapshot.stream));
  if (snapshot.messages && *snapshot.messages != entry.messages) {
    refuse(name, with_separators(*snapshot.messages) + " messages, expected " +
                     with_separators(entry.messages));
  }
  if (snapshot.consumers.size() + others != entry.consumers) {
    refuse(name, with_separators(snapshot.consumers.size() + others) + " consumers, expected " +
                     with_separators(entry.consumers));
  }
}

}  // namespace

Index read_index(ArtifactReader& artifacts) {
  Index index = parse_index(text_of(artifacts, Index::kArtifact));
  std::vector<std::string> expected = index.artifacts(), found = artifacts.names();
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  if (expected == found) return index;
  std::vector<std::string> other;
  std::set_symmetric_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                                std::back_inserter(other));
  refuse(Index::kArtifact, other.empty() ? "an artifact twice"
                                         : "it and what there is differ in " + in_quotes(other[0]));
}

Stream read_stream(ArtifactReader& artifacts, const IndexEntry& entry) {
  const std::string name = entry.config_artifact();
  try {
    const Json json = Json::parse(text_of(artifacts, name));
    Stream stream{json.at("config"), json.at("state")};
    if (stream.name() != entry.name) refuse(name, "it is of stream " + in_quotes(stream.name()));
    if (stream.is_in_memory() != (entry.form == Form::messages)) {
      refuse(name, "its storage is not that of " + std::string(Index::kArtifact));
    }
    stream.messages();
    stream.last();
    return stream;
  } catch (const Json::exception& e) {
    refuse(name, in_quotes(e.what()));
  }
}

std::vector<Json> read_consumers(ArtifactReader& artifacts, const IndexEntry& entry) {
  if (!entry.has_consumers) return {};
  const std::string name = entry.consumers_artifact();
  try {
    const Json json = Json::parse(text_of(artifacts, name));
    std::vector<Json> consumers;
    for (const Json& consumer : json.at("consumers")) {
      durable_name(consumer);
      floor_of(consumer);
      consumers.push_back(consumer);
    }
    return consumers;
  } catch (const Json::exception& e) {
    refuse(name, in_quotes(e.what()));
  }
}

void write_text(ArtifactWriter& artifacts, const std::string& name, std::string_view text) {
  const auto sink = artifacts.create(name);
  sink->write(text);
  sink->finish();
}

void write_stream(ArtifactWriter& artifacts, const IndexEntry& entry, const Stream& stream) {
  const Json json{{"config", stream.config}, {"state", stream.state}};
  write_text(artifacts, entry.config_artifact(), json.dump(2));
}

void write_consumers(ArtifactWriter& artifacts, const IndexEntry& entry,
                     const std::vector<Json>& consumers) {
  const Json json{{"consumers", consumers}};
  write_text(artifacts, entry.consumers_artifact(), json.dump(2));
}

void check_stream(ArtifactReader& artifacts, const IndexEntry& entry, const Cancel& cancel) {
  const Stream stream = read_stream(artifacts, entry);
  const std::size_t others = read_consumers(artifacts, entry).size();
  if (entry.form == Form::snapshot) {
    check_snapshot(artifacts, entry, others, cancel);
    return;
  }
  check_messages(artifacts, entry, stream, cancel);
  if (others != entry.consumers) refuse(entry.consumers_artifact(), "not all consumers are there");
}

}  // namespace prism::nats
