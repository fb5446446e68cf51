#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/base/files.hpp>
#include <prism/drivers/neo4j/connection.hpp>

#include "support/quiet.hpp"
#include "support/services.hpp"

namespace prism::test {

/// How the tests enter Neo4j: NEO4J settings with the certificate authority of the tests.
config::Neo4jSettings neo4j_settings();

/// All that a graph says of facts and entities, and what it remembers of UIDs and of loads.
struct GraphContent {
  std::vector<neo4j::List> facts, entities, notes;
  bool operator==(const GraphContent&) const = default;
};

GraphContent content_of_graph(const std::string& url);

/// The one database of the server that scripts/services started, for one test case at a time:
/// without nodes, constraints and indexes at first and at the end.
class Neo4jDatabase {
 public:
  /// Constraints and indexes take the server a second to make. Where they may be there, they are
  /// left for the next who wants it so.
  enum class Rules { removed, left };

  explicit Neo4jDatabase(Rules rules = Rules::removed);
  /// The one of another server.
  explicit Neo4jDatabase(const PrivateServer& server);
  ~Neo4jDatabase();
  Neo4jDatabase(const Neo4jDatabase&) = delete;
  Neo4jDatabase& operator=(const Neo4jDatabase&) = delete;

  const std::string& url() const { return url_; }
  neo4j::Address address() const { return neo4j::parse_address(url_); }
  neo4j::Login login() const { return {address(), neo4j_settings()}; }
  /// A connection of its own.
  std::unique_ptr<neo4j::Connection> connect() const;

  /// All records of a query, as lists of values.
  std::vector<neo4j::List> rows(const std::string& cypher) const;
  /// The first field of the first record.
  neo4j::Value value(const std::string& cypher) const;
  std::int64_t integer(const std::string& cypher) const;
  void execute(const std::string& cypher) const { rows(cypher); }

  GraphContent content() const { return content_of_graph(url_); }

  Quiet& quiet() const { return quiet_; }

 private:
  Neo4jDatabase(std::string url, Rules rules);
  void wipe() const;

  std::string url_;
  Rules rules_;
  FileDescriptor lock_;
  mutable Quiet quiet_;
};

}  // namespace prism::test
