#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/sqlite/load.hpp>
#include <prism/drivers/sqlite/registry.hpp>
#include <prism/drivers/sqlite/schema.hpp>

namespace prism::sqlite {
namespace {

using gellish::FactBatch;
using gellish::Property;
using gellish::Value;

std::vector<std::string> column_names(const gellish::FactLayout& layout) {
  std::vector<std::string> names;
  for (const Property property : layout.properties) {
    names.emplace_back(gellish::info(property).name);
  }
  if (layout.extra) names.emplace_back("extra");
  return names;
}

/// How many facts one statement inserts: what a statement costs by itself is a fifth of the time.
constexpr std::size_t kTogether = 16;

/// Rows before one whose key is there already stay inserted (OR FAIL).
std::string insert_sql(const std::vector<std::string>& columns, std::size_t rows) {
  const std::vector<std::string> marks(columns.size(), "?");
  const std::vector<std::string> values(rows, fmt::format("({})", fmt::join(marks, ", ")));
  return fmt::format("INSERT OR FAIL INTO fact ({}) VALUES {}", fmt::join(columns, ", "),
                     fmt::join(values, ", "));
}

std::string update_sql(const std::vector<std::string>& columns) {
  return fmt::format("UPDATE fact SET {} = ? WHERE fact_uid = ?", fmt::join(columns, " = ?, "));
}

/// To the parameters from `parameter` on.
void bind_row(Statement& statement, const FactBatch& batch, std::size_t row, int parameter = 1) {
  const std::size_t width = batch.layout().width();
  for (std::size_t i = 0; i < width; ++i, ++parameter) {
    const Value value = batch.at(row, i);
    if (value.type == Value::Type::null) {
      statement.bind_null(parameter);
    } else if (value.type == Value::Type::number) {
      statement.bind(parameter, value.number);
    } else {
      statement.bind(parameter, value.text);
    }
  }
}

bool same(const Statement& stored, int column, const Value& value) {
  if (stored.is_null(column)) return value.type == Value::Type::null;
  if (value.type == Value::Type::number) return stored.integer(column) == value.number;
  return value.type == Value::Type::text && stored.text(column) == value.text;
}

std::string shown(const Value& value) {
  if (value.type == Value::Type::null) return "nothing";
  return in_quotes(value.type == Value::Type::number ? std::to_string(value.number)
                                                     : std::string(value.text));
}

std::string shown(const Statement& stored, int column) {
  return stored.is_null(column) ? "nothing" : in_quotes(stored.text(column));
}

}  // namespace

/// Prepared for one layout, and where in it the fact's UID stands.
struct SqliteLoad::Statements {
  Statements(Database& database, const gellish::FactLayout& of)
      : layout(of),
        columns(column_names(of)),
        insert(database.prepare(insert_sql(columns, 1))),
        insert_together(database.prepare(insert_sql(columns, kTogether))),
        select(database.prepare(
            fmt::format("SELECT {} FROM fact WHERE fact_uid = ?", fmt::join(columns, ", ")))),
        update(database.prepare(update_sql(columns))),
        fact(static_cast<std::size_t>(
            std::find(of.properties.begin(), of.properties.end(), Property::fact_uid) -
            of.properties.begin())) {}

  gellish::FactLayout layout;
  std::vector<std::string> columns;
  Statement insert;
  Statement insert_together;
  Statement select;
  Statement update;
  std::size_t fact;
};

SqliteLoad::SqliteLoad(Database& database, store::OnConflict on_conflict)
    : database_(database), transaction_(database), on_conflict_(on_conflict) {}

SqliteLoad::~SqliteLoad() = default;

void SqliteLoad::use_layout(const gellish::FactLayout& layout) {
  if (statements_ && statements_->layout == layout) return;
  statements_ = std::make_unique<Statements>(database_, layout);
}

void SqliteLoad::add(FactBatch batch) {
  use_layout(batch.layout());
  std::vector<bool> inserted(batch.rows());
  bool all_new = true;
  for (std::size_t row = 0; row < batch.rows();) {
    // Where one fact was there already others will be: from then on one by one.
    const std::size_t wanted = all_new && row + kTogether <= batch.rows() ? kTogether : 1;
    const std::size_t count = insert(batch, row, wanted);
    summary_.inserted += count;
    std::fill_n(inserted.begin() + static_cast<std::ptrdiff_t>(row), count, true);
    row += count;
    if (count == wanted) continue;
    all_new = false;
    meet_stored(batch, row++);
  }
  names_.add(std::move(batch), std::move(inserted));
}

/// Inserts one fact, or kTogether of them, from `row` on. Returns how many: fewer where the next is
/// there already.
std::size_t SqliteLoad::insert(const FactBatch& batch, std::size_t row, std::size_t wanted) {
  Statement& statement = wanted == 1 ? statements_->insert : statements_->insert_together;
  const auto width = batch.layout().width();
  for (std::size_t i = 0; i < wanted; ++i) {
    bind_row(statement, batch, row + i, static_cast<int>(i * width) + 1);
  }
  return statement.run_unless_there() ? wanted : static_cast<std::size_t>(database_.changes());
}

void SqliteLoad::meet_stored(const FactBatch& batch, std::size_t row) {
  Statement& stored = statements_->select;
  const Uid fact = batch.at(row, statements_->fact).number;
  stored.bind(1, fact);
  const ResetOnExit reset(stored);
  stored.step();
  const auto width = static_cast<int>(batch.layout().width());
  int differs = 0;
  while (differs < width &&
         same(stored, differs, batch.at(row, static_cast<std::size_t>(differs)))) {
    ++differs;
  }
  if (differs == width) {
    ++summary_.unchanged;
  } else if (on_conflict_ == store::OnConflict::skip) {
    ++summary_.skipped;
  } else if (on_conflict_ == store::OnConflict::update) {
    update(batch, row);
  } else {
    const auto column = static_cast<std::size_t>(differs);
    throw Error(ErrorCode::refused,
                fmt::format("fact {} is stored with other values: {} is {}, the input has {}", fact,
                            statements_->columns[column], shown(stored, differs),
                            shown(batch.at(row, column))),
                "nothing was loaded; choose with --on-conflict skip or --on-conflict update");
  }
}

void SqliteLoad::update(const FactBatch& batch, std::size_t row) {
  const Uid fact = batch.at(row, statements_->fact).number;
  note_stored_entities(fact);
  bind_row(statements_->update, batch, row);
  statements_->update.bind(static_cast<int>(batch.layout().width()) + 1, fact);
  statements_->update.run();
  note_stored_entities(fact);
  ++summary_.updated;
}

void SqliteLoad::note_stored_entities(Uid fact) {
  Statement stored =
      database_.prepare("SELECT lh_object_uid, rh_object_uid FROM fact WHERE fact_uid = ?");
  stored.bind(1, fact);
  stored.step();
  stale_.insert(stored.integer(0));
  stale_.insert(stored.integer(1));
}

void SqliteLoad::commit(const uid::Highest& seen) {
  store_names(names_.finish());
  refresh_names();
  raise_ranges(database_, seen);
  if (summary_.inserted + summary_.updated > 0) {
    database_.execute("UPDATE store_meta SET value = value + 1 WHERE key = 'watermark'");
  }
  transaction_.commit();
  enable_readers(database_);
}

void SqliteLoad::clear() {
  for (const char* table : {"fact", "entity", "uid_range", "uid_temporary", "uid_blank"}) {
    database_.execute(fmt::format("DELETE FROM {}", table));
  }
  database_.execute("UPDATE store_meta SET value = value + 1 WHERE key = 'watermark'");
  transaction_.commit();
}

void SqliteLoad::store_names(store::EntityNames& names) {
  Statement upsert = database_.prepare(
      "INSERT INTO entity (uid, name, name_role, name_fact) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (uid) DO UPDATE SET name = ?2, name_role = ?3, name_fact = ?4 "
      "WHERE (?3, ?4) < (name_role, name_fact)");
  for (const auto& entry : names.sorted()) {
    upsert.bind(1, entry.entity);
    if (entry.source.role == store::NameSource::none) {
      upsert.bind_null(2);
    } else {
      upsert.bind(2, names.name(entry));
    }
    upsert.bind(3, static_cast<std::int64_t>(entry.source.role));
    upsert.bind(4, entry.source.fact);
    upsert.run();
  }
}

/// An updated fact may have taken the name of its entities away, or their last fact: they are made
/// anew from all facts, in one pass.
void SqliteLoad::refresh_names() {
  if (stale_.empty()) return;
  Statement remove = database_.prepare("DELETE FROM entity WHERE uid = ?");
  for (const Uid entity : stale_) {
    remove.bind(1, entity);
    remove.run();
  }
  store::EntityNames names;
  Statement facts = database_.prepare(
      "SELECT fact_uid, rel_type_uid, lh_object_uid, lh_object_name, rh_object_uid, rh_object_name "
      "FROM fact");
  while (facts.step()) {
    if (stale_.contains(facts.integer(2)) || stale_.contains(facts.integer(4))) {
      names.add_fact(facts.integer(0), facts.integer(1), facts.integer(2), facts.text(3),
                     facts.integer(4), facts.text(5));
    }
  }
  store_names(names);
}

}  // namespace prism::sqlite
