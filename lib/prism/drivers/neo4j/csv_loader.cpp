#include <fmt/format.h>

#include <prism/drivers/neo4j/csv_loader.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {

CsvLoader::CsvLoader(Connections& connections, const ImportFolder& folder)
    : connections_(connections),
      folder_(folder),
      csv_(folder.backslash_escapes()),
      name_(random_name() + ".csv") {}

void CsvLoader::make_facts(const FactRows& rows, std::size_t batch_size) {
  ImportFile file(folder_.file(name_));
  rows.for_each([&](const PlannedFact& fact) {
    csv_.add(file.writer().buffer(), fact);
    file.writer().flush_if_full();
  });
  file.writer().close();
  Parameters parameters(1);
  parameters.text("file", folder_.url(name_));
  const std::string cypher = query(batch_size);
  const Summary summary = connections_.run(AccessMode::write, {cypher, parameters.bytes()});
  require_all_made(summary, rows);
}

std::string CsvLoader::query(std::size_t batch_size) const {
  return fmt::format(
      "LOAD CSV FROM $file AS line CALL {{ WITH line "
      "MATCH (left:Entity {{uid: toInteger(line[0])}}) "
      "MATCH (right:Entity {{uid: toInteger(line[1])}}) "
      "CREATE (left)-[:role]->(:Fact {})-[:role]->(right) }} IN TRANSACTIONS OF {} ROWS",
      csv_.properties(), batch_size);
}

}  // namespace prism::neo4j
