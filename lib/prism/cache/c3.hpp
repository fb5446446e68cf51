#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include <prism/cache/taxonomy.hpp>

namespace prism::cache {

/// The merge of C3 (Barrett et al., "A Monotonic Superclass Linearization for Dylan", OOPSLA
/// 1996): again and again the head of the first list whose head is in no list's tail. Used for
/// one merge after another; takes 8 bytes an entity. For n entries in k lists: O(n log k).
class C3Merge {
 public:
  explicit C3Merge(std::size_t entities) : tails_(entities, 0), first_list_(entities, kNone) {}

  /// Where the entries of the next list are to be appended, none of them twice.
  std::vector<EntityIndex>& entries() { return entries_; }
  /// Ends the list, unless nothing was appended.
  void close_list();

  /// Appends the merge of the lists, and forgets them. False when there is no consistent order;
  /// `out` is then as before.
  bool run(std::vector<EntityIndex>& out);

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct List {
    std::size_t head;  ///< into entries_
    std::size_t end;
    std::uint32_t next;  ///< list with the same head
  };
  struct Candidate {
    std::uint32_t list;
    EntityIndex entity;
    bool operator>(const Candidate& other) const { return list > other.list; }
  };

  bool is_head(const Candidate& candidate) const;
  void offer(EntityIndex entity);
  void link(std::uint32_t list);
  void take(EntityIndex entity);
  void advance(std::uint32_t list);
  void forget();

  std::vector<EntityIndex> entries_;
  std::vector<List> lists_;
  std::vector<std::uint32_t> tails_;       ///< of an entity: in how many tails it is
  std::vector<std::uint32_t> first_list_;  ///< of an entity: the lists whose head it is
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates_;
  std::size_t unfinished_ = 0;
};

}  // namespace prism::cache
