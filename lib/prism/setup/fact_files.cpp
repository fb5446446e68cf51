#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/gellish/fact_builder.hpp>
#include <prism/gellish/table.hpp>
#include <prism/setup/fact_files.hpp>
#include <prism/sheet/csv.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;
using gellish::ColumnId;
using gellish::FactBatch;
using gellish::FactLayout;
using gellish::Record;
using gellish::Value;

constexpr std::size_t kBatchRows = 1024;

/// A CSV file as facts.
class Facts {
 public:
  explicit Facts(const CsvInput& input)
      : rows_(sheet::open_csv(input.file)->rows(0)),
        table_(*rows_, {input.file.filename().string(), ""}, gellish::TableForm::csv, told_before_),
        builder_(table_.header()),
        fact_(static_cast<std::size_t>(table_.header().find(gellish::kFactColumn))) {}

  const gellish::Header& header() const { return table_.header(); }
  const FactLayout& layout() const { return builder_.layout(); }

  bool next() { return table_.next(record_); }
  Uid fact() const { return record_.fields()[fact_].number; }
  void add_to(FactBatch& batch) const { builder_.add(record_, batch); }

 private:
  gellish::NoIssues told_before_;
  std::unique_ptr<sheet::RowReader> rows_;
  gellish::Table table_;
  gellish::FactBuilder builder_;
  std::size_t fact_;
  Record record_;
};

std::vector<ColumnId> unknown_columns(std::span<const CsvInput> inputs) {
  std::set<ColumnId> unknown;
  for (const CsvInput& input : inputs) {
    const Facts facts(input);
    for (const gellish::Column& column : facts.header().columns) {
      if (gellish::find_property(column.id) == nullptr) unknown.insert(column.id);
    }
  }
  return {unknown.begin(), unknown.end()};
}

std::string shown(const Value& value) {
  if (value.type == Value::Type::null) return "blank";
  return value.type == Value::Type::number ? std::to_string(value.number) : in_quotes(value.text);
}

/// A row of a batch; what its layout has no place for is blank.
struct Fact {
  const FactBatch& batch;
  std::size_t row;

  Value value(gellish::Property property) const {
    const auto& all = batch.layout().properties;
    const auto found = std::find(all.begin(), all.end(), property);
    return found == all.end() ? Value{}
                              : batch.at(row, static_cast<std::size_t>(found - all.begin()));
  }
  Value extra() const {
    return batch.layout().extra ? batch.at(row, batch.layout().properties.size()) : Value{};
  }
};

[[noreturn]] void fail(Uid fact, std::string_view property, const Value& before, const Value& now) {
  throw Error(ErrorCode::refused,
              fmt::format("fact {} comes twice with other values: {} is {}, then {}", fact,
                          property, shown(before), shown(now)),
              "nothing was written; one of the rows has to go");
}

/// As in a load: what `now` has no column for may be there.
void require_same(Uid fact, const Fact& before, const Fact& now) {
  const FactLayout& layout = now.batch.layout();
  for (const gellish::Property property : layout.properties) {
    const Value was = before.value(property);
    const Value is = now.value(property);
    if (!(was == is)) fail(fact, gellish::info(property).name, was, is);
  }
  if (layout.extra && !(before.extra() == now.extra())) {
    fail(fact, "extra", before.extra(), now.extra());
  }
}

class Writer {
 public:
  Writer(std::span<const CsvInput> inputs, store::FactFiles& files, Context& context)
      : inputs_(inputs), files_(files), context_(context) {}

  FactFilesResult write(const fs::path& folder) {
    files_.open(folder, unknown_columns(inputs_));
    context_.progress.begin("writing the files", 0, "facts");
    for (const CsvInput& input : inputs_) write_facts(input);
    context_.progress.end();
    if (!again_.empty()) {
      for (const CsvInput& input : inputs_) compare(input);
    }
    result_.facts = met_.size();
    result_.files = files_.finish();
    return std::move(result_);
  }

 private:
  void write_facts(const CsvInput& input) {
    Facts facts(input);
    FactBatch batch(facts.layout());
    while (facts.next()) {
      if (!met_.insert(facts.fact())) {
        again_.insert(facts.fact());
        ++result_.unchanged;
        continue;
      }
      facts.add_to(batch);
      if (batch.rows() == kBatchRows) hand_over(batch);
    }
    hand_over(batch);
  }

  void hand_over(FactBatch& batch) {
    context_.cancel.check();
    files_.add(batch);
    context_.progress.advance(batch.rows());
    batch.clear();
  }

  /// Facts that come again, with their first values.
  void compare(const CsvInput& input) {
    Facts facts(input);
    auto& kept = *kept_.emplace_back(std::make_unique<FactBatch>(facts.layout()));
    FactBatch now(facts.layout());
    while (facts.next()) {
      const Uid fact = facts.fact();
      if (!again_.contains(fact)) continue;
      context_.cancel.check();
      const auto [first, is_first] = first_.try_emplace(fact, Place{&kept, kept.rows()});
      FactBatch& batch = is_first ? kept : now;
      now.clear();
      facts.add_to(batch);
      if (!is_first) require_same(fact, {*first->second.batch, first->second.row}, {now, 0});
    }
  }

  struct Place {
    const FactBatch* batch;
    std::size_t row;
  };

  std::span<const CsvInput> inputs_;
  store::FactFiles& files_;
  Context& context_;
  FactFilesResult result_;
  uid::UidSet met_;
  uid::UidSet again_;
  std::vector<std::unique_ptr<FactBatch>> kept_;
  std::unordered_map<Uid, Place> first_;
};

}  // namespace

FactFilesResult write_fact_files(std::span<const CsvInput> inputs, const fs::path& folder,
                                 store::FactFiles& files, Context& context) {
  return Writer(inputs, files, context).write(folder);
}

}  // namespace prism::setup
