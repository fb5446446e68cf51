#include "contract/fact_store.hpp"

#include <fmt/format.h>

namespace prism::contract {

using gellish::FactBatch;
using gellish::Property;
using gellish::Value;

FactBatch batch_of(const std::vector<Fact>& facts) {
  FactBatch batch({{Property::lh_object_uid, Property::lh_object_name, Property::fact_uid,
                    Property::rel_type_uid, Property::rh_object_uid, Property::rh_object_name},
                   false});
  const auto add_name = [&batch](const std::string& name) {
    if (name.empty()) {
      batch.add_null();
    } else {
      batch.add_text(name);
    }
  };
  for (const Fact& fact : facts) {
    batch.add_number(fact.left);
    add_name(fact.left_name);
    batch.add_number(fact.uid);
    batch.add_number(fact.relation);
    batch.add_number(fact.right);
    add_name(fact.right_name);
  }
  return batch;
}

FactBatch batch_of(gellish::FactLayout layout, const std::vector<std::vector<Input>>& rows) {
  FactBatch batch(std::move(layout));
  for (const auto& row : rows) {
    REQUIRE(row.size() == batch.layout().width());
    for (const Input& input : row) {
      if (input.type == Value::Type::null) {
        batch.add_null();
      } else if (input.type == Value::Type::number) {
        batch.add_number(input.number);
      } else {
        batch.add_text(input.text);
      }
    }
  }
  return batch;
}

store::LoadSummary load(store::FactStore& store, const FactBatch& batch,
                        store::OnConflict on_conflict) {
  const auto session = store.begin_load(on_conflict);
  session->add(batch);
  const store::LoadSummary summary = session->finish();
  session->commit({});
  return summary;
}

bool holds(store::FactStore& store, const FactBatch& batch) {
  const auto session = store.begin_load(store::OnConflict::skip);
  session->add(batch);
  return session->finish().unchanged == batch.rows();
}

std::string shown(const store::LoadSummary& summary) {
  return fmt::format("{} {} {} {}", summary.inserted, summary.unchanged, summary.updated,
                     summary.skipped);
}

}  // namespace prism::contract
