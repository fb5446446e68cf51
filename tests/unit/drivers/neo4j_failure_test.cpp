#include <doctest/doctest.h>

#include <prism/drivers/neo4j/answers.hpp>
#include <prism/drivers/neo4j/packer.hpp>

namespace prism::neo4j {
namespace {

Failure failure(const std::string& code, const std::string& message = "words of the server") {
  return {"h:7687", code, message};
}

Failure read(const Map& metadata) {
  std::string bytes;
  Packer(bytes).value(metadata);
  Unpacker unpacker(bytes);
  return failure_of("h:7687", unpacker);
}

}  // namespace

TEST_CASE("neo4j: what the server's codes mean") {
  struct Case {
    const char* code;
    ErrorCode exit;
    Again again;
  };
  const Case all[] = {
      {"Neo.ClientError.Security.Unauthorized", ErrorCode::permission, Again::never},
      {"Neo.ClientError.Security.AuthenticationRateLimit", ErrorCode::permission, Again::never},
      {"Neo.ClientError.Security.CredentialsExpired", ErrorCode::permission, Again::never},
      {"Neo.ClientError.Security.Forbidden", ErrorCode::permission, Again::never},
      {"Neo.ClientError.Security.Other", ErrorCode::permission, Again::never},
      {"Neo.ClientError.Database.DatabaseNotFound", ErrorCode::configuration, Again::never},
      {"Neo.ClientError.Cluster.NotALeader", ErrorCode::unavailable, Again::elsewhere},
      {"Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", ErrorCode::permission,
       Again::elsewhere},
      {"Neo.ClientError.Schema.ConstraintValidationFailed", ErrorCode::bad_data, Again::never},
      {"Neo.ClientError.Statement.SyntaxError", ErrorCode::internal, Again::never},
      {"Neo.ClientError.Transaction.Terminated", ErrorCode::unavailable, Again::never},
      {"Neo.TransientError.Transaction.Terminated", ErrorCode::unavailable, Again::never},
      {"Neo.TransientError.Transaction.LockClientStopped", ErrorCode::unavailable, Again::never},
      {"Neo.TransientError.Transaction.DeadlockDetected", ErrorCode::unavailable, Again::later},
      {"Neo.TransientError.Database.DatabaseUnavailable", ErrorCode::unavailable, Again::later},
      {"Neo.TransientError.General.MemoryPoolOutOfMemoryError", ErrorCode::io, Again::never},
      {"Neo.DatabaseError.General.UnknownError", ErrorCode::io, Again::never},
      {"Something.Else", ErrorCode::internal, Again::never},
  };
  for (const Case& one : all) {
    CAPTURE(one.code);
    const Failure found = failure(one.code);
    CHECK(found.code() == one.exit);
    CHECK(found.again() == one.again);
    CHECK(found.server_code() == one.code);
    CHECK_FALSE(found.is_connection());
    CHECK(std::string(found.what()).find(one.code) != std::string::npos);
  }
}

TEST_CASE("neo4j: a refused login is told in our words, which repeat nothing") {
  const Failure refused =
      failure("Neo.ClientError.Security.Unauthorized", "no user neo4j with hunter2");
  CHECK(std::string(refused.what()) ==
        "h:7687: user and password are not accepted (Neo.ClientError.Security.Unauthorized)");
  CHECK(refused.hint().find("NEO4J_PASSWORD") != std::string::npos);
  CHECK(failure("Neo.ClientError.Security.AuthenticationRateLimit").hint().starts_with("wait"));
}

TEST_CASE("neo4j: of what the server says only the first line is shown") {
  const Failure found =
      failure("Neo.ClientError.Statement.SyntaxError", "Invalid input\n\"MATCH (n) …\"\n  ^");
  CHECK(std::string(found.what()) ==
        "h:7687: Invalid input (Neo.ClientError.Statement.SyntaxError)");
}

TEST_CASE("neo4j: too little memory for so much at once can be told from the rest") {
  CHECK(failure("Neo.TransientError.General.MemoryPoolOutOfMemoryError").is_out_of_memory());
  CHECK(failure("Neo.TransientError.General.OutOfMemoryError").is_out_of_memory());
  CHECK_FALSE(failure("Neo.TransientError.Transaction.DeadlockDetected").is_out_of_memory());
}

TEST_CASE("neo4j: a lost connection may be made again") {
  const Failure lost(Error(ErrorCode::unavailable, "h:7687: the connection was lost"));
  CHECK(lost.is_connection());
  CHECK(lost.again() == Again::later);
  CHECK(lost.code() == ErrorCode::unavailable);
  CHECK_FALSE(lost.hint().empty());
}

TEST_CASE("neo4j: a failure is read in the words of old and of new servers") {
  const Failure old = read({{{"code", "Neo.ClientError.Statement.SyntaxError"}, {"message", "m"}}});
  const Failure newer = read({{{"gql_status", "42N01"},
                               {"description", "error: d"},
                               {"neo4j_code", "Neo.ClientError.Statement.SyntaxError"},
                               {"message", "m"},
                               {"diagnostic_record", Map{{{"CURRENT_SCHEMA", "/"}}}},
                               {"cause", Map{{{"message", "another"}, {"gql_status", "42001"}}}}}});
  CHECK(old.server_code() == "Neo.ClientError.Statement.SyntaxError");
  CHECK(newer.server_code() == old.server_code());
  CHECK(std::string(old.what()) == newer.what());
  CHECK(read({}).server_code() == "Neo.DatabaseError.General.UnknownError");
}

TEST_CASE("neo4j: what a query did is read from its SUCCESS") {
  std::string bytes;
  Packer(bytes).value(Map{
      {{"bookmark", "FB:1"},
       {"stats", Map{{{"nodes-created", 3}, {"properties-set", 7}, {"contains-updates", true}}}},
       {"fields", List{"a", "b"}},
       {"t_last", 5},
       {"db", "neo4j"}}});
  Unpacker unpacker(bytes);
  Summary summary;
  add_to(summary, unpacker);
  CHECK(summary.bookmark == "FB:1");
  CHECK(summary.counters == Counters{.nodes_created = 3, .properties_set = 7});
  CHECK(summary.fields == std::vector<std::string>{"a", "b"});
  CHECK(summary.database == "neo4j");
  CHECK(has_more(std::string("\xB1\x70\xA1\x88has_more\xC3")));
  CHECK_FALSE(
      has_more(std::string("\xB1\x70\xA1\x84"
                           "type\x81r")));
}

}  // namespace prism::neo4j
