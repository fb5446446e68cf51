#pragma once

#include <prism/drivers/neo4j/csv_facts.hpp>
#include <prism/drivers/neo4j/fact_batch.hpp>
#include <prism/drivers/neo4j/import_folder.hpp>

namespace prism::neo4j {

/// Has the server read facts from files: `LOAD CSV … IN TRANSACTIONS`. Used by one thread.
class CsvLoader {
 public:
  CsvLoader(Connections& connections, const ImportFolder& folder);

  /// Makes facts between entities that are there, `batch_size` in a transaction. Where it
  /// throws, some of them may be there: those of a Failure for good, while after CommitUnknown the
  /// server may be making more.
  void make_facts(const FactRows& rows, std::size_t batch_size);

 private:
  std::string query(std::size_t batch_size) const;

  Connections& connections_;
  const ImportFolder& folder_;
  CsvFacts csv_;
  std::string name_;  ///< of its files
};

}  // namespace prism::neo4j
