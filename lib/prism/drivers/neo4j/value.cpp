#include <algorithm>

#include <prism/drivers/neo4j/value.hpp>

namespace prism::neo4j {
namespace {

std::vector<const Entry*> by_key(const std::vector<Entry>& entries) {
  std::vector<const Entry*> sorted;
  sorted.reserve(entries.size());
  for (const Entry& entry : entries) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Entry* a, const Entry* b) { return a->key < b->key; });
  return sorted;
}

struct SameValue {
  template <typename Type>
  bool operator()(const Type& a, const Type& b) const {
    return a == b;
  }
  template <typename Large>
  bool operator()(const Value::Shared<Large>& a, const Value::Shared<Large>& b) const {
    return *a == *b;
  }
  template <typename One, typename Other>
  bool operator()(const One&, const Other&) const {
    return false;
  }
};

}  // namespace

const Value* Map::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

bool Map::operator==(const Map& other) const {
  if (entries.size() != other.entries.size()) return false;
  if (entries == other.entries) return true;
  const auto ours = by_key(entries);
  const auto theirs = by_key(other.entries);
  return std::equal(ours.begin(), ours.end(), theirs.begin(),
                    [](const Entry* a, const Entry* b) { return *a == *b; });
}

Value::Value(List value) : data(std::move(value)) {}
Value::Value(Map value) : data(std::move(value)) {}
Value::Value(ZonedDateTime value) : data(std::make_shared<const ZonedDateTime>(std::move(value))) {}
Value::Value(Node value) : data(std::make_shared<const Node>(std::move(value))) {}
Value::Value(Relationship value) : data(std::make_shared<const Relationship>(std::move(value))) {}
Value::Value(UnboundRelationship value)
    : data(std::make_shared<const UnboundRelationship>(std::move(value))) {}
Value::Value(Path value) : data(std::make_shared<const Path>(std::move(value))) {}

bool Value::operator==(const Value& other) const {
  return std::visit(SameValue(), data, other.data);
}

}  // namespace prism::neo4j
