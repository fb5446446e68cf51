#include <prism/cache/c3.hpp>

namespace prism::cache {

void C3Merge::close_list() {
  const std::size_t begin = lists_.empty() ? 0 : lists_.back().end;
  if (begin == entries_.size()) return;
  for (std::size_t i = begin + 1; i < entries_.size(); ++i) ++tails_[entries_[i]];
  lists_.push_back({begin, entries_.size(), kNone});
  link(static_cast<std::uint32_t>(lists_.size() - 1));
}

bool C3Merge::run(std::vector<EntityIndex>& out) {
  const std::size_t before = out.size();
  unfinished_ = lists_.size();
  for (std::uint32_t list = 0; list < lists_.size(); ++list) {
    const EntityIndex head = entries_[lists_[list].head];
    if (tails_[head] == 0) candidates_.push({list, head});
  }
  while (!candidates_.empty()) {
    const Candidate candidate = candidates_.top();
    candidates_.pop();
    if (!is_head(candidate)) continue;
    out.push_back(candidate.entity);
    take(candidate.entity);
  }
  const bool consistent = unfinished_ == 0;
  if (!consistent) out.resize(before);
  forget();
  return consistent;
}

/// An entity that heads several lists is offered for each; all but the first come too late.
bool C3Merge::is_head(const Candidate& candidate) const {
  const List& list = lists_[candidate.list];
  return list.head != list.end && entries_[list.head] == candidate.entity;
}

void C3Merge::offer(EntityIndex entity) {
  for (auto list = first_list_[entity]; list != kNone; list = lists_[list].next) {
    candidates_.push({list, entity});
  }
}

void C3Merge::link(std::uint32_t list) {
  std::uint32_t& first = first_list_[entries_[lists_[list].head]];
  lists_[list].next = first;
  first = list;
}

void C3Merge::take(EntityIndex entity) {
  std::uint32_t list = first_list_[entity];
  first_list_[entity] = kNone;
  while (list != kNone) {
    const std::uint32_t next = lists_[list].next;
    advance(list);
    list = next;
  }
}

void C3Merge::advance(std::uint32_t list) {
  if (++lists_[list].head == lists_[list].end) {
    --unfinished_;
    return;
  }
  const EntityIndex head = entries_[lists_[list].head];
  link(list);
  if (--tails_[head] == 0) offer(head);
}

void C3Merge::forget() {
  for (const EntityIndex entity : entries_) {
    tails_[entity] = 0;
    first_list_[entity] = kNone;
  }
  entries_.clear();
  lists_.clear();
}

}  // namespace prism::cache
