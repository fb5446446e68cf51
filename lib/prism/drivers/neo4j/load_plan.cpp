#include <cstring>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/load_plan.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

/// Compared with what is stored by one query.
constexpr std::size_t kRows = 5000;
constexpr std::size_t kBytes = 16U << 20;

struct Head {
  Uid fact, left, right;
};

void put(Spool& spool, const PlannedFact& planned) {
  const Head head{planned.fact, planned.left, planned.right};
  spool.add({reinterpret_cast<const char*>(&head), sizeof head}, planned.properties);
}

void each(Spool& spool, const std::function<void(const PlannedFact&)>& take) {
  spool.each([&](std::string_view entry) {
    Head head{};
    std::memcpy(&head, entry.data(), sizeof head);
    take({head.fact, head.left, head.right, entry.substr(sizeof head)});
  });
}

Uid uid_in(const Map& properties, std::string_view name) {
  const auto* const value = properties.find(name);
  const auto* const uid = value == nullptr ? nullptr : value->get<std::int64_t>();
  return uid == nullptr ? 0 : *uid;
}

}  // namespace

LoadPlan::LoadPlan(Connections& connections, store::OnConflict on_conflict, uid::UidSet begun)
    : connections_(connections), on_conflict_(on_conflict), begun_(std::move(begun)) {
  connections_.transact(AccessMode::read, [&](Transaction& transaction) {
    empty_ = integer_of(transaction, {"MATCH (f:Fact) RETURN count(f)"}) == 0;
  });
}

void LoadPlan::each_insert(const std::function<void(const PlannedFact&)>& take) {
  each(inserts_, take);
}

void LoadPlan::each_update(const std::function<void(const PlannedFact&)>& take) {
  each(updates_, take);
}

void LoadPlan::use_layout(const gellish::FactLayout& layout) {
  if (!layouts_.empty() && layouts_.back()->layout() == layout) return;
  layouts_.push_back(std::make_unique<FactProperties>(layout));
}

void LoadPlan::add(const gellish::FactBatch& batch) {
  use_layout(batch.layout());
  const FactProperties& properties = *layouts_.back();
  for (std::size_t i = 0; i < batch.rows(); ++i) {
    const std::size_t begin = packed_.size();
    properties.pack(packed_, batch, i);
    const std::size_t size = packed_.size() - begin;
    fingerprint_.add(std::string_view(packed_).substr(begin));
    const Uid fact = properties.fact(batch, i);
    rows_.push_back({fact, properties.left(batch, i), properties.right(batch, i), begin, size,
                     &properties, met_.meet(fact) > 0});
    if (rows_.size() >= kRows || packed_.size() >= kBytes) check();
  }
}

store::LoadSummary LoadPlan::finish() {
  check();
  return summary_;
}

PlannedFact LoadPlan::planned(const Row& row) const {
  return {row.fact, row.left, row.right, std::string_view(packed_).substr(row.begin, row.size)};
}

void LoadPlan::check() {
  std::unordered_set<Uid> again;
  for (const Row& row : rows_) {
    if (row.again) again.insert(row.fact);
  }
  States states;
  if (!again.empty()) recall(states, again);
  if (!empty_) fetch(states);
  for (const Row& row : rows_) check_row(row, states, again);
  rows_.clear();
  packed_.clear();
}

/// What facts that come again will be once all before them is written.
void LoadPlan::recall(States& states, const std::unordered_set<Uid>& again) {
  const auto take = [&](const PlannedFact& planned) {
    if (again.contains(planned.fact)) {
      states[planned.fact] = Unpacker(planned.properties).map_value();
    }
  };
  each_insert(take);
  each_update(take);
}

void LoadPlan::fetch(States& states) {
  std::vector<Uid> uids;
  for (const Row& row : rows_) {
    if (!states.contains(row.fact)) uids.push_back(row.fact);
  }
  Parameters parameters(1);
  parameters.uids("uids", uids);
  connections_.transact(AccessMode::read, [&](Transaction& transaction) {
    transaction.run({"UNWIND $uids AS uid MATCH (f:Fact {fact_uid: uid}) RETURN uid, properties(f)",
                     parameters.bytes()},
                    [&](Unpacker& fields) {
                      const Uid fact = fields.integer();
                      states[fact] = fields.map_value();
                    });
  });
}

void LoadPlan::check_row(const Row& row, States& states, const std::unordered_set<Uid>& again) {
  const auto stored = states.find(row.fact);
  if (stored == states.end()) {
    put(inserts_, planned(row));
    ++summary_.inserted;
    if (again.contains(row.fact)) {
      states[row.fact] = Unpacker(planned(row).properties).map_value();
    }
    return;
  }
  const Map input = Unpacker(planned(row).properties).map_value();
  const std::string name = row.properties->difference(stored->second, input);
  if (name.empty()) {
    const bool by_this_load = !row.again && begun_.contains(row.fact);
    ++(by_this_load ? summary_.inserted : summary_.unchanged);
  } else if (on_conflict_ == store::OnConflict::skip) {
    ++summary_.skipped;
  } else if (on_conflict_ == store::OnConflict::update) {
    update(row, stored->second, input);
  } else {
    fail(row, stored->second, input, name);
  }
}

void LoadPlan::update(const Row& row, Map& stored, const Map& input) {
  for (const Uid before : {uid_in(stored, "lh_object_uid"), uid_in(stored, "rh_object_uid")}) {
    if (before != row.left && before != row.right) left_behind_.insert(before);
  }
  stored = row.properties->merged(stored, input);
  std::string packed;
  Packer(packed).value(stored);
  put(updates_, {row.fact, row.left, row.right, packed});
  ++summary_.updated;
}

void LoadPlan::fail(const Row& row, const Map& stored, const Map& input, const std::string& name) {
  throw Error(ErrorCode::refused,
              fmt::format("fact {} is stored with other values: {} is {}, the input has {}",
                          row.fact, name, shown(stored.find(name)), shown(input.find(name))),
              "nothing was loaded; choose with --on-conflict skip or --on-conflict update");
}

}  // namespace prism::neo4j
