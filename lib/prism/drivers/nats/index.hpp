#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/base/export.hpp>

namespace prism::nats {

/// How a stream lies in a backup.
enum class Form : std::uint8_t {
  snapshot,  ///< as the server gives it: STEM.backup.json and STEM.stream.tar.s2
  messages,  ///< one by one: STEM.backup.json and STEM.messages.jsonl
};

/// A stream of a backup.
struct IndexEntry {
  std::string name;
  std::string stem;  ///< of the names of its artifacts
  Form form = Form::snapshot;
  std::uint64_t messages = 0;
  std::uint64_t consumers = 0;  ///< with a durable name
  bool has_consumers = false;   ///< STEM.consumers.json: those that no snapshot holds
  bool at_rest = false;         ///< nothing came or went while it was dumped: `messages` is exact
  bool operator==(const IndexEntry&) const = default;

  std::string config_artifact() const { return stem + ".backup.json"; }
  std::string data_artifact() const {
    return stem + (form == Form::snapshot ? ".stream.tar.s2" : ".messages.jsonl");
  }
  std::string consumers_artifact() const { return stem + ".consumers.json"; }
};

/// `streams.json`, which says what a backup is made of:
///   {"format": "prismctl NATS JetStream", "version": 1, "server": "2.9.10", "streams": [{"name",
///   "stem", "form": "snapshot" | "messages", "messages", "consumers", "has_consumers",
///   "at_rest"}],
///   "left_out": ["NAME", …]}
struct PRISM_API Index {
  static constexpr const char* kArtifact = "streams.json";

  std::string server;  ///< its version
  std::vector<IndexEntry> streams;
  std::vector<std::string> left_out;  ///< streams that were there and are in no backup

  /// `streams`, `consumers`, `messages` and `messages of NAME`; empty where there are no streams.
  backup::Counts counts() const;
  std::string to_json() const;
  /// All artifacts that there must be.
  std::vector<std::string> artifacts() const;
};

/// Throws Error(bad_data) for anything else.
PRISM_API Index parse_index(std::string_view json);

/// What a stream's artifacts are called: its name, in which every byte but a letter, a digit, `-`
/// and `_` is two hexadecimal digits and a dot behind them, for no name has a dot of its own; a
/// long one is cut and has its SHA-256 behind.
PRISM_API std::string stem_of(std::string_view stream);

}  // namespace prism::nats
