#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>

#include <prism/base/sha256.hpp>
#include <prism/drivers/neo4j/graph_digest.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

namespace prism::neo4j {
namespace {

/// A sum modulo 2^128.
class Sum {
 public:
  /// The first 64 bits of the hash.
  std::uint64_t add(Sha256& hash) {
    const std::string hex = hash.hex();
    const std::uint64_t high = bits_of(hex, 0), low = bits_of(hex, 16);
    low_ += low;
    high_ += high + (low_ < low ? 1 : 0);
    return high;
  }

  std::string hex() const { return fmt::format("{:016x}{:016x}", high_, low_); }

 private:
  static std::uint64_t bits_of(const std::string& hex, std::size_t at) {
    std::uint64_t bits = 0;
    std::from_chars(hex.data() + at, hex.data() + at + 16, bits, 16);
    return bits;
  }

  std::uint64_t high_ = 0, low_ = 0;
};

/// A hash for each node, in 8 bytes each where their numbers lie close.
class NodeHashes {
 public:
  void insert(std::int64_t node, std::uint64_t hash) {
    if (full_) return;
    auto& block = blocks_[node / kBlock];
    if (!block) block = std::make_unique<Block>();
    (*block)[static_cast<std::size_t>(node % kBlock)] = hash;
    full_ = blocks_.size() > kMostBlocks;
    if (full_) blocks_.clear();
  }
  std::uint64_t of(std::int64_t node) const {
    const auto found = blocks_.find(node / kBlock);
    return found == blocks_.end() ? 0 : (*found->second)[static_cast<std::size_t>(node % kBlock)];
  }
  bool full() const { return full_; }

 private:
  static constexpr std::int64_t kBlock = 256;
  static constexpr std::size_t kMostBlocks = 16'000'000 / kBlock;
  using Block = std::array<std::uint64_t, kBlock>;

  std::unordered_map<std::int64_t, std::unique_ptr<Block>> blocks_;
  bool full_ = false;
};

/// Told apart from what follows.
void add_text(Sha256& hash, std::string_view text) {
  hash.add(std::to_string(text.size()) + ":");
  hash.add(text);
}

class Digester : public GraphVisitor {
 public:
  void begin(std::string_view) override {}
  void rule(const Rule& rule) override {
    Rule sorted = rule;
    std::sort(sorted.config.entries.begin(), sorted.config.entries.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    // What was a BTREE in 4.4 has no provider (show_rules.cpp); a newer server says its own.
    if (sorted.provider == "range-1.0") sorted.provider.clear();
    std::string text;
    append_rule(text, sorted);
    Sha256 hash;
    hash.add(text);
    rules_.add(hash);
  }

  void node(const NodeLine& node) override {
    labels_ = node.labels;
    std::sort(labels_.begin(), labels_.end());
    Sha256 hash;
    for (const std::string& label : labels_) add_text(hash, label);
    add(hash, node.properties);
    hashes_.insert(node.number, nodes_.add(hash));
  }

  void relationship(const RelationshipLine& relationship) override {
    Sha256 alone, connected;
    add_text(alone, relationship.type);
    add(alone, relationship.properties);
    const std::uint64_t hash = relationships_.add(alone);
    connected.add(fmt::format("{:x} {:x} {:x}", hashes_.of(relationship.from), hash,
                              hashes_.of(relationship.to)));
    connections_.add(connected);
  }

  void again() override { *this = {}; }
  void end(const GraphTotals&) override {}

  GraphDigests digests() const {
    return {nodes_.hex(), relationships_.hex(), hashes_.full() ? "" : connections_.hex(),
            rules_.hex()};
  }

 private:
  /// In the order of their names: a server gives them in any.
  void add(Sha256& hash, const PackedProperties& properties) {
    entries_.clear();
    Unpacker unpacker(properties.entries);
    for (std::size_t i = 0; i < properties.count; ++i) {
      const std::size_t begin = unpacker.offset();
      const std::string_view key = unpacker.string();
      unpacker.skip();
      entries_.emplace_back(key, properties.entries.substr(begin, unpacker.offset() - begin));
    }
    std::sort(entries_.begin(), entries_.end());
    hash.add("=");
    for (const auto& [key, entry] : entries_) hash.add(entry);
  }

  Sum nodes_, relationships_, connections_, rules_;
  NodeHashes hashes_;
  std::vector<std::string> labels_;
  std::vector<std::pair<std::string_view, std::string_view>> entries_;
};

}  // namespace

GraphDigests digest_graph(ByteSource& source, const Cancel& cancel) {
  Digester digester;
  read_graph(source, digester, cancel);
  return digester.digests();
}

}  // namespace prism::neo4j
