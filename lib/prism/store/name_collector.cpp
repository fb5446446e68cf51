#include <algorithm>

#include <prism/store/name_collector.hpp>

namespace prism::store {
namespace {

using gellish::FactBatch;
using gellish::Property;
using gellish::Value;

/// Where a layout has the values that entities and names are made of.
class Places {
 public:
  explicit Places(const gellish::FactLayout& layout)
      : fact_(place(layout, Property::fact_uid)),
        relation_(place(layout, Property::rel_type_uid)),
        left_(place(layout, Property::lh_object_uid)),
        left_name_(place(layout, Property::lh_object_name)),
        right_(place(layout, Property::rh_object_uid)),
        right_name_(place(layout, Property::rh_object_name)) {}

  void expect(EntityNames& names, const FactBatch& batch, std::size_t row) const {
    names.expect(value(batch, row, left_).number);
    names.expect(value(batch, row, right_).number);
  }

  void add(EntityNames& names, const FactBatch& batch, std::size_t row) const {
    names.add_fact(value(batch, row, fact_).number, value(batch, row, relation_).number,
                   value(batch, row, left_).number, value(batch, row, left_name_).text,
                   value(batch, row, right_).number, value(batch, row, right_name_).text);
  }

 private:
  static constexpr std::size_t kAbsent = ~std::size_t{0};

  static std::size_t place(const gellish::FactLayout& layout, Property property) {
    const auto& all = layout.properties;
    const auto found = std::find(all.begin(), all.end(), property);
    return found == all.end() ? kAbsent : static_cast<std::size_t>(found - all.begin());
  }

  static Value value(const FactBatch& batch, std::size_t row, std::size_t place) {
    return place == kAbsent ? Value{} : batch.at(row, place);
  }

  std::size_t fact_, relation_, left_, left_name_, right_, right_name_;
};

constexpr std::size_t kBatchesUnderWay = 8;

}  // namespace

NameCollector::NameCollector() : queue_(kBatchesUnderWay), thread_([this] { run(); }) {}

NameCollector::~NameCollector() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void NameCollector::add(gellish::FactBatch batch, std::vector<bool> wanted) {
  queue_.push({std::move(batch), std::move(wanted)});
}

EntityNames& NameCollector::finish() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  return names_;
}

void NameCollector::run() {
  try {
    while (const auto work = queue_.pop()) collect(*work);
  } catch (...) {
    failure_ = std::current_exception();
    queue_.close();
  }
}

void NameCollector::collect(const Work& work) {
  constexpr std::size_t kAhead = 8;
  const Places places(work.batch.layout());
  for (std::size_t row = 0; row < work.batch.rows(); ++row) {
    if (row + kAhead < work.batch.rows()) places.expect(names_, work.batch, row + kAhead);
    if (work.wanted[row]) places.add(names_, work.batch, row);
  }
}

}  // namespace prism::store
