#include <charconv>
#include <future>

#include <fmt/format.h>

#include <prism/drivers/postgres/cancel_watch.hpp>
#include <prism/drivers/postgres/fact_reader.hpp>
#include <prism/store/entity_names.hpp>

namespace prism::postgres {
namespace {

Uid uid_of(const pqxx::field& field) {
  Uid uid = 0;
  std::from_chars(field.c_str(), field.c_str() + field.size(), uid);
  return uid;
}

/// Whatever ends one side of a queue, the other side is not left waiting.
class CloseOnExit {
 public:
  explicit CloseOnExit(BoundedQueue<pqxx::result>& queue) : queue_(queue) {}
  ~CloseOnExit() { queue_.close(); }
  CloseOnExit(const CloseOnExit&) = delete;
  CloseOnExit& operator=(const CloseOnExit&) = delete;

 private:
  BoundedQueue<pqxx::result>& queue_;
};

}  // namespace

PostgresFactReader::PostgresFactReader(Connections& connections)
    : connections_(connections), lease_(connections.take()), snapshot_(*lease_) {
  translated([&] {
    snapshot_.exec(connections_.limits_sql());
    // The cache's builder may take its time between two rows. What a sort may hold before it
    // spills: enough for 2,000,000 pairs.
    snapshot_.exec(
        "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL work_mem = '128MB'");
  });
}

PostgresFactReader::~PostgresFactReader() { end_quickly(snapshot_, connections_.cancel()); }

/// The next rows are fetched on a thread of their own, while the caller works on those before.
void PostgresFactReader::each_row(const std::string& sql,
                                  const std::function<void(const pqxx::row&)>& take) {
  constexpr std::size_t kFetchesAhead = 2;
  translated([&] {
    snapshot_.exec("DECLARE prism_rows NO SCROLL CURSOR FOR " + sql);
    const CancelWatch watch(*lease_, connections_.cancel());
    BoundedQueue<pqxx::result> fetched(kFetchesAhead);
    auto fetching = std::async(std::launch::async, [&] { fetch(fetched); });
    const CloseOnExit close(fetched);
    while (const auto rows = fetched.pop()) {
      connections_.cancel().check();
      for (const pqxx::row& row : *rows) take(row);
    }
    fetching.get();
    snapshot_.exec("CLOSE prism_rows");
  });
}

void PostgresFactReader::fetch(BoundedQueue<pqxx::result>& into) {
  const CloseOnExit close(into);
  for (;;) {
    const pqxx::result rows = snapshot_.exec("FETCH 10000 FROM prism_rows");
    if (rows.empty() || !into.push(rows)) return;
  }
}

void PostgresFactReader::each_membership(const std::function<void(Uid entity, Uid fact)>& take) {
  each_row(fmt::format(
               "SELECT lh_object_uid AS entity, fact_uid AS fact FROM {0}.fact "
               "WHERE lh_object_uid IS NOT NULL UNION ALL "
               "SELECT rh_object_uid, fact_uid FROM {0}.fact WHERE rh_object_uid <> lh_object_uid "
               "ORDER BY entity, fact",
               connections_.schema()),
           [&](const pqxx::row& row) { take(uid_of(row[0]), uid_of(row[1])); });
}

void PostgresFactReader::each_specialization(
    const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) {
  each_row(fmt::format("SELECT fact_uid, lh_object_uid, rh_object_uid FROM {}.fact "
                       "WHERE rel_type_uid IN ({}, {}) ORDER BY fact_uid",
                       connections_.schema(), store::kSpecialization, store::kQualification),
           [&](const pqxx::row& row) { take(uid_of(row[0]), uid_of(row[1]), uid_of(row[2])); });
}

std::int64_t PostgresFactReader::watermark() {
  std::int64_t value = 0;
  translated([&] {
    value = snapshot_
                .exec1(fmt::format("SELECT value FROM {}.store_meta WHERE key = 'watermark'",
                                   connections_.schema()))[0]
                .as<std::int64_t>();
  });
  return value;
}

}  // namespace prism::postgres
