#include "support/neo4j.hpp"

#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>

#include <prism/drivers/neo4j/rule.hpp>

namespace prism::test {
namespace {

/// Whoever holds it has the server to himself.
FileDescriptor lock_of(const Endpoint& server) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("prism-test-neo4j-" + std::to_string(server.port) + ".lock");
  FileDescriptor fd(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0) throw std::runtime_error(file.string());
  return fd;
}

std::vector<neo4j::List> all_rows(neo4j::Connection& connection, const std::string& cypher) {
  std::vector<neo4j::List> rows;
  connection.run({cypher}, [&](neo4j::Unpacker& fields) {
    neo4j::List& row = rows.emplace_back();
    while (!fields.at_end()) row.push_back(fields.value());
  });
  return rows;
}

void drop_all(neo4j::Connection& connection, const std::string& kind, const std::string& filter) {
  for (const auto& row : all_rows(connection, "SHOW " + kind + " YIELD name, type " + filter)) {
    const std::string name = neo4j::in_backticks(*row[0].get<std::string>());
    connection.run({"DROP " + kind + " " + name + " IF EXISTS"});
  }
}

}  // namespace

config::Neo4jSettings neo4j_settings() {
  config::Neo4jSettings settings;
  if (const auto folder = service("PRISM_TEST_TLS_DIR")) settings.ca_file = *folder + "/ca.crt";
  return settings;
}

GraphContent content_of_graph(const std::string& url) {
  const Cancel cancel;
  const neo4j::Address address = neo4j::parse_address(url);
  neo4j::Connection graph(address.endpoint, {address, neo4j_settings()}, cancel);
  return {
      all_rows(graph,
               "MATCH (f:Fact) RETURN f.fact_uid AS uid, properties(f), "
               "[(e:Entity)-[:role]->(f) | e.uid], [(f)-[:role]->(e:Entity) | e.uid], "
               "COUNT { (f)--() } ORDER BY uid"),
      all_rows(graph,
               "MATCH (e:Entity) RETURN e.uid AS uid, properties(e), COUNT { (e)--() } "
               "ORDER BY uid"),
      all_rows(graph,
               "MATCH (n) WHERE n:PrismLoadPart OR n:PrismOldFact OR n:PrismBlankUid "
               "OR n:PrismTemporaryUid RETURN labels(n), n.uid ORDER BY n.uid"),
  };
}

Neo4jDatabase::Neo4jDatabase(Rules rules)
    : Neo4jDatabase(service("PRISM_TEST_NEO4J").value(), rules) {}

Neo4jDatabase::Neo4jDatabase(const PrivateServer& server)
    : Neo4jDatabase(server.value("PRISM_TEST_NEO4J"), Rules::removed) {}

Neo4jDatabase::Neo4jDatabase(std::string url, Rules rules) : url_(std::move(url)), rules_(rules) {
  lock_ = lock_of(address().endpoint);
  wipe();
}

Neo4jDatabase::~Neo4jDatabase() {
  try {
    wipe();
  } catch (const std::exception&) {
    return;  // its server may be down on purpose
  }
}

void Neo4jDatabase::wipe() const {
  const auto connection = connect();
  if (rules_ == Rules::removed) {
    drop_all(*connection, "CONSTRAINT", "");
    drop_all(*connection, "INDEX", "WHERE type <> 'LOOKUP'");
  }
  connection->run({"MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"});
}

std::unique_ptr<neo4j::Connection> Neo4jDatabase::connect() const {
  return std::make_unique<neo4j::Connection>(address().endpoint, login(), quiet_.cancel());
}

std::vector<neo4j::List> Neo4jDatabase::rows(const std::string& cypher) const {
  return all_rows(*connect(), cypher);
}

neo4j::Value Neo4jDatabase::value(const std::string& cypher) const { return rows(cypher)[0][0]; }

std::int64_t Neo4jDatabase::integer(const std::string& cypher) const {
  return *value(cypher).get<std::int64_t>();
}

}  // namespace prism::test
