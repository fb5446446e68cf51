#pragma once

#include <prism/base/queue.hpp>
#include <prism/drivers/postgres/connections.hpp>
#include <prism/store/fact_reader.hpp>

namespace prism::postgres {

/// Reads in one transaction that sees one moment; the database sorts, a cursor brings the rows.
class PostgresFactReader : public store::FactReader {
 public:
  explicit PostgresFactReader(Connections& connections);
  ~PostgresFactReader() override;

  void each_membership(const std::function<void(Uid entity, Uid fact)>& take) override;
  void each_specialization(
      const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) override;
  std::int64_t watermark() override;

 private:
  using Snapshot = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;

  void each_row(const std::string& sql, const std::function<void(const pqxx::row&)>& take);
  void fetch(BoundedQueue<pqxx::result>& into);

  Connections& connections_;
  Connections::Lease lease_;
  Snapshot snapshot_;
};

}  // namespace prism::postgres
