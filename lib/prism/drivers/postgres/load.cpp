#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/random.hpp>
#include <prism/drivers/postgres/load.hpp>
#include <prism/drivers/postgres/lock.hpp>
#include <prism/gellish/property.hpp>

namespace prism::postgres {
namespace {

using gellish::FactBatch;
using gellish::FactLayout;
using gellish::Property;
using gellish::Value;
using gellish::ValueKind;

std::string copy_sql(const std::string& schema, const FactLayout& layout) {
  return fmt::format("COPY {}.fact ({}) FROM STDIN (FORMAT binary)", schema,
                     fmt::join(column_names(layout), ", "));
}

std::size_t place_of_fact(const FactLayout& layout) {
  const auto& all = layout.properties;
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), Property::fact_uid) -
                                  all.begin());
}

void add_value(CopyWriter& copy, const Value& value, ValueKind kind) {
  if (value.type == Value::Type::null) {
    copy.add_null();
  } else if (value.type == Value::Type::number) {
    copy.add_bigint(value.number);
  } else if (kind == ValueKind::date) {
    copy.add_date(value.text);
  } else {
    copy.add_text(value.text);
  }
}

}  // namespace

PostgresLoad::PostgresLoad(Connections& connections, PostgresRegistry& registry,
                           store::OnConflict on_conflict)
    : connections_(connections),
      registry_(registry),
      on_conflict_(on_conflict),
      id_(random_uuid()),
      connection_(connections) {
  begin();
}

PostgresLoad::~PostgresLoad() { registry_.leave_load(); }

/// One load at a time, and none while the end of another is unknown: see `is_recorded`.
void PostgresLoad::begin() {
  connection_.execute(lock_sql());
  registry_.enter_load(connection_);
  direct_ = table_is_empty("fact");
  if (direct_) {
    lock_table("fact");
    direct_ = table_is_empty("fact");
  }
  if (!direct_) begin_staging();
}

std::string PostgresLoad::lock_sql() const {
  return fmt::format("SELECT pg_advisory_xact_lock({})", lock_key(connections_, "load"));
}

bool PostgresLoad::table_is_empty(std::string_view table) {
  return connection_.integer(fmt::format("SELECT (NOT EXISTS (SELECT FROM {}.{}))::int",
                                         connections_.schema(), table)) != 0;
}

/// Against other programs that would change it; readers go on.
void PostgresLoad::lock_table(std::string_view table) {
  connection_.execute(
      fmt::format("LOCK TABLE {}.{} IN SHARE ROW EXCLUSIVE MODE", connections_.schema(), table));
}

void PostgresLoad::begin_staging() {
  end_copy();
  direct_ = false;
  merge_.emplace(connection_, connections_.schema(), on_conflict_);
}

// ---- adding -------------------------------------------------------------------------------------

void PostgresLoad::add(FactBatch batch) {
  use_layout(batch.layout());
  require_no_nul(batch.texts());
  const std::size_t fact = place_of_fact(batch.layout());
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const std::uint32_t occurrence = facts_.meet(batch.at(row, fact).number);
    if (occurrence > 0 && direct_) begin_staging();
    if (!copy_) open_copy();
    add_row(batch, row, occurrence);
  }
  std::vector<bool> all(batch.rows(), true);
  names_.add(std::move(batch), std::move(all));
}

void PostgresLoad::use_layout(const FactLayout& layout) {
  if (!layouts_.empty() && layouts_[layout_] == layout) return;
  end_copy();
  const auto found = std::find(layouts_.begin(), layouts_.end(), layout);
  layout_ = static_cast<std::size_t>(found - layouts_.begin());
  if (found == layouts_.end()) layouts_.push_back(layout);
}

void PostgresLoad::open_copy() {
  const FactLayout& layout = layouts_[layout_];
  copy_.emplace(connection_,
                direct_ ? copy_sql(connections_.schema(), layout) : FactMerge::copy_sql(layout));
}

void PostgresLoad::end_copy() {
  if (!copy_) return;
  const std::uint64_t rows = copy_->end();
  copy_.reset();
  if (direct_) summary_.inserted += rows;
}

void PostgresLoad::add_row(const FactBatch& batch, std::size_t row, std::uint32_t occurrence) {
  const FactLayout& layout = batch.layout();
  const std::size_t properties = layout.properties.size();
  copy_->begin_row(layout.width() + (direct_ ? 0 : 3));
  if (!direct_) {
    copy_->add_bigint(position_++);
    copy_->add_integer(static_cast<std::int32_t>(layout_));
    copy_->add_integer(static_cast<std::int32_t>(occurrence));
  }
  for (std::size_t i = 0; i < properties; ++i) {
    add_value(*copy_, batch.at(row, i), gellish::info(layout.properties[i]).kind);
  }
  if (!layout.extra) return;
  const Value extra = batch.at(row, properties);
  if (extra.type == Value::Type::null) {
    copy_->add_null();
  } else {
    copy_->add_jsonb(extra.text);
  }
}

// ---- ending -------------------------------------------------------------------------------------

store::LoadSummary PostgresLoad::finish() {
  if (std::exchange(finished_, true)) return summary_;
  end_copy();
  if (merge_) {
    lock_table("fact");
    const store::LoadSummary merged = merge_->run(layouts_, facts_.most());
    summary_.inserted += merged.inserted;
    summary_.unchanged = merged.unchanged;
    summary_.updated = merged.updated;
    summary_.skipped = merged.skipped;
  }
  store_names();
  return summary_;
}

void PostgresLoad::store_names() {
  store::EntityNames& names = names_.finish();
  lock_table("entity");
  const std::string& schema = connections_.schema();
  const bool empty = table_is_empty("entity");
  if (!empty) {
    connection_.execute(
        fmt::format("CREATE TEMP TABLE prism_staged_entity ON COMMIT DROP AS SELECT uid, name, "
                    "name_role, name_fact FROM {}.entity WITH NO DATA",
                    schema));
  }
  CopyWriter copy(
      connection_,
      fmt::format("COPY {} (uid, name, name_role, name_fact) FROM STDIN (FORMAT binary)",
                  empty ? schema + ".entity" : "pg_temp.prism_staged_entity"));
  for (const auto& entry : names.sorted()) {
    copy.begin_row(4);
    copy.add_bigint(entry.entity);
    if (entry.source.role == store::NameSource::none) {
      copy.add_null();
    } else {
      copy.add_text(names.name(entry));
    }
    copy.add_integer(entry.source.role);
    copy.add_bigint(entry.source.fact);
  }
  copy.end();
  if (!empty) {
    connection_.execute(fmt::format(
        "INSERT INTO {}.entity AS e (uid, name, name_role, name_fact) SELECT uid, name, name_role, "
        "name_fact FROM pg_temp.prism_staged_entity ON CONFLICT (uid) DO UPDATE SET name = "
        "excluded.name, name_role = excluded.name_role, name_fact = excluded.name_fact WHERE "
        "(excluded.name_role, excluded.name_fact) < (e.name_role, e.name_fact)",
        schema));
  }
  if (merge_ && summary_.updated + summary_.skipped > 0) merge_->refresh_names();
}

void PostgresLoad::commit(const uid::Highest& seen) {
  finish();
  registry_.raise(seen);
  if (summary_.inserted + summary_.updated > 0) grow();
  record();
  commit_recorded("the load's end, and nothing was stored");
}

void PostgresLoad::clear() {
  connection_.execute(
      fmt::format("TRUNCATE {0}.fact, {0}.entity, {0}.uid_temporary, {0}.uid_blank; "
                  "UPDATE {0}.uid_range SET highest = 0, first = NULL",
                  connections_.schema()));
  grow();
  record();
  commit_recorded("the end, and nothing was taken out");
}

void PostgresLoad::commit_recorded(const char* what) {
  if (connection_.commit() || is_recorded()) return;
  throw Error(ErrorCode::unavailable, std::string("PostgreSQL: the connection was lost at ") + what,
              "run it again");
}

void PostgresLoad::grow() {
  connection_.execute(fmt::format(
      "UPDATE {}.store_meta SET value = value + 1 WHERE key = 'watermark'", connections_.schema()));
}

/// The load's own row, by which a lost answer to COMMIT is settled.
void PostgresLoad::record() {
  connection_.execute(
      fmt::format("INSERT INTO {}.load (id, finished, inserted, unchanged, updated, skipped) "
                  "VALUES ('{}', clock_timestamp(), {}, {}, {}, {})",
                  connections_.schema(), id_, summary_.inserted, summary_.unchanged,
                  summary_.updated, summary_.skipped));
}

/// Asked on another connection, once the server has ended the load's own transaction: until then
/// that holds the lock.
bool PostgresLoad::is_recorded() {
  bool recorded = false;
  connections_.transact([&](pqxx::transaction_base& transaction) {
    transaction.exec(lock_sql());
    recorded = transaction
                   .exec1(fmt::format("SELECT EXISTS (SELECT FROM {}.load WHERE id = '{}')",
                                      connections_.schema(), id_))[0]
                   .as<bool>();
  });
  return recorded;
}

}  // namespace prism::postgres
