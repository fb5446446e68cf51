#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "fakes.hpp"

namespace prism::cache::fakes {

/// The definitions, word for word and without care for time: C3 as Python's documentation states it
/// ("The Python 2.3 Method Resolution Order"), cycles by what an entity reaches.
class Naive {
 public:
  explicit Naive(const Edges& edges) {
    for (const auto& [subtype, supertype] : edges) {
      entities.insert({subtype, supertype});
      auto& parents = parents_[subtype];
      if (subtype == supertype) {
        cyclic.insert(subtype);
      } else if (std::find(parents.begin(), parents.end(), supertype) == parents.end()) {
        parents.push_back(supertype);
      }
    }
    for (const Uid uid : entities) lineage(uid);
  }

  const std::vector<Uid>& parents(Uid uid) { return parents_[uid]; }

  std::vector<Uid> lineage(Uid uid) {
    const auto found = lineages_.find(uid);
    if (found != lineages_.end()) return found->second;
    return lineages_[uid] = find_lineage(uid);
  }

  std::vector<Uid> subtypes(Uid uid) {
    std::vector<Uid> found;
    for (const Uid other : entities) {
      const auto line = lineage(other);
      if (other != uid && std::find(line.begin(), line.end(), uid) != line.end()) {
        found.push_back(other);
      }
    }
    return found;
  }

  std::set<Uid> entities, cyclic, inconsistent;

 private:
  using Lists = std::vector<std::vector<Uid>>;

  std::vector<Uid> find_lineage(Uid uid) {
    for (const Uid parent : parents_[uid]) {
      const auto reached = breadth_first(parent);
      if (std::find(reached.begin(), reached.end(), uid) == reached.end()) continue;
      cyclic.insert(uid);
      return breadth_first(uid);
    }
    Lists lists;
    for (const Uid parent : parents_[uid]) lists.push_back(lineage(parent));
    lists.push_back(parents_[uid]);
    if (auto merged = merge(lists)) {
      merged->insert(merged->begin(), uid);
      return *merged;
    }
    inconsistent.insert(uid);
    return breadth_first(uid);
  }

  std::vector<Uid> breadth_first(Uid uid) {
    std::vector<Uid> line{uid};
    for (std::size_t i = 0; i < line.size(); ++i) {
      for (const Uid parent : parents_[line[i]]) {
        if (std::find(line.begin(), line.end(), parent) == line.end()) line.push_back(parent);
      }
    }
    return line;
  }

  static bool in_a_tail(const Lists& lists, Uid uid) {
    return std::any_of(lists.begin(), lists.end(), [&](const auto& list) {
      return std::find(list.begin() + 1, list.end(), uid) != list.end();
    });
  }

  static std::optional<std::vector<Uid>> merge(Lists lists) {
    std::vector<Uid> merged;
    while (true) {
      std::erase_if(lists, [](const auto& list) { return list.empty(); });
      if (lists.empty()) return merged;
      const auto good = std::find_if(lists.begin(), lists.end(), [&](const auto& list) {
        return !in_a_tail(lists, list.front());
      });
      if (good == lists.end()) return std::nullopt;
      const Uid head = good->front();
      merged.push_back(head);
      for (auto& list : lists) std::erase(list, head);
    }
  }

  std::map<Uid, std::vector<Uid>> parents_, lineages_;
};

/// Up to 12 entities; supertypes mostly have lower UIDs, so that about half the graphs have a
/// cycle.
inline Edges random_edges(std::mt19937& random, bool cyclic) {
  const auto below = [&](Uid end) {
    return static_cast<Uid>(random() % static_cast<unsigned>(end));
  };
  const Uid entities = 2 + below(11);
  Edges edges;
  for (Uid count = below(3 * entities); count > 0; --count) {
    Uid subtype = below(entities), supertype = below(entities);
    if (!cyclic && subtype == supertype) continue;
    if (subtype < supertype && (!cyclic || below(10) != 0)) std::swap(subtype, supertype);
    edges.emplace_back(subtype * 3 + 1, supertype * 3 + 1);
  }
  return edges;
}

}  // namespace prism::cache::fakes
