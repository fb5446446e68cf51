#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <prism/base/context.hpp>
#include <prism/cache/linearization.hpp>
#include <prism/cache/sink.hpp>
#include <prism/cache/taxonomy.hpp>
#include <prism/store/fact_reader.hpp>

namespace prism::cache::fakes {

/// Subtype, supertype.
using Edges = std::vector<std::pair<Uid, Uid>>;

inline Taxonomy taxonomy_of(const Edges& edges) {
  TaxonomyBuilder builder;
  for (const auto& [subtype, supertype] : edges) builder.add(subtype, supertype);
  return builder.build();
}

/// A taxonomy with its lineages, in UIDs.
struct Ancestry {
  explicit Ancestry(const Edges& edges) : taxonomy(taxonomy_of(edges)), lines(taxonomy, cancel) {}

  std::vector<Uid> lineage(Uid uid) {
    std::vector<EntityIndex> indices;
    lines.append(taxonomy.index(uid).value(), indices);
    std::vector<Uid> uids;
    for (const EntityIndex index : indices) uids.push_back(taxonomy.uid(index));
    return uids;
  }

  Cancel cancel;
  Taxonomy taxonomy;
  Linearization lines;
};

/// Facts in memory. Specialization `i` is fact 100 + i.
class MemoryFacts : public store::FactReader {
 public:
  void each_membership(const std::function<void(Uid, Uid)>& take) override {
    asked.emplace_back("memberships");
    for (const auto& [entity, fact] : memberships) take(entity, fact);
  }
  void each_specialization(const std::function<void(Uid, Uid, Uid)>& take) override {
    asked.emplace_back("specializations");
    Uid fact = 100;
    for (const auto& [subtype, supertype] : edges) take(fact++, subtype, supertype);
  }
  std::int64_t watermark() override { return mark; }

  std::vector<std::pair<Uid, Uid>> memberships;  ///< entity, fact; in order
  Edges edges;
  std::int64_t mark = 7;
  std::vector<std::string> asked;
};

/// A cache in memory that records what it is told. Readers see a rebuild once it is committed.
class MemorySink : public CacheSink {
 public:
  using Key = std::pair<Family, Uid>;

  void begin(std::span<const Family> families) override {
    begun.assign(families.begin(), families.end());
    staged.clear();
    put_keys.clear();
    calls.emplace_back("begin");
  }
  void put(Family family, Uid entity, std::span<const Uid> members) override {
    if (on_put) on_put();
    put_keys.emplace_back(family, entity);
    staged[{family, entity}].assign(members.begin(), members.end());
  }
  void commit(const Meta& meta) override {
    for (const Family family : begun) {
      std::erase_if(values, [&](const auto& entry) { return entry.first.first == family; });
    }
    values.merge(staged);
    last = meta;
    calls.emplace_back("commit");
  }
  std::optional<Meta> meta() override { return last; }
  std::vector<std::vector<Uid>> read_all(Family family, std::span<const Uid> entities) override {
    std::vector<std::vector<Uid>> all;
    for (const Uid entity : entities) {
      const auto found = values.find({family, entity});
      all.push_back(found == values.end() ? std::vector<Uid>{} : found->second);
    }
    return all;
  }
  std::uint64_t keys(Family family) override {
    std::uint64_t count = 0;
    for (const auto& entry : values) count += entry.first.first == family ? 1 : 0;
    return count;
  }
  std::string location() const override { return "memory"; }

  std::vector<std::string> calls;
  std::vector<Family> begun;
  std::vector<Key> put_keys;  ///< of the last rebuild, in order
  std::map<Key, std::vector<Uid>> values, staged;
  std::optional<Meta> last;
  std::function<void()> on_put;
};

inline Log quiet_log() {
  LogOptions options;
  options.level = LogLevel::off;
  return Log(options);
}

class RecordingProgress : public Progress {
 public:
  void begin(std::string_view what, std::uint64_t total, std::string_view unit) override {
    told.push_back(std::string(what) + " " + std::to_string(total) + " " + std::string(unit));
    advanced.push_back(0);
  }
  void advance(std::uint64_t count) override { advanced.back() += count; }
  void end() override { ++ended; }

  std::vector<std::string> told;
  std::vector<std::uint64_t> advanced;  ///< of each begin
  int ended = 0;
};

}  // namespace prism::cache::fakes
