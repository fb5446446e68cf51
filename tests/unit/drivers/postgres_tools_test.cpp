#include <cstdlib>

#include <doctest/doctest.h>

#include <prism/base/process.hpp>
#include <prism/drivers/postgres/address.hpp>
#include <prism/drivers/postgres/tool_address.hpp>
#include <prism/drivers/postgres/tool_run.hpp>
#include <prism/drivers/postgres/tools.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::postgres {
namespace {

Address address(const std::string& conninfo) { return {conninfo, "", ""}; }

}  // namespace

TEST_CASE("postgresql tools: versions as the programs say them") {
  const auto tool = read_version("pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n");
  REQUIRE(tool.has_value());
  CHECK(tool->major == 15);
  CHECK(tool->version == "15.20");
  CHECK(read_version("pg_restore (PostgreSQL) 18beta1\n")->major == 18);
  CHECK_FALSE(read_version("something else 15.4").has_value());
  CHECK_FALSE(read_version("").has_value());
}

TEST_CASE("postgresql tools: the nearest version that is not too old") {
  const std::vector<Tool> tools{{"a", 13, "13.9"}, {"b", 17, "17.2"}, {"c", 15, "15.4"}};
  CHECK(choose_tool("pg_dump", tools, {12}).program == "a");
  CHECK(choose_tool("pg_dump", tools, {14}).program == "c");
  CHECK(choose_tool("pg_dump", tools, {16}).program == "b");
  const auto old =
      test::thrown_by([&] { choose_tool("pg_dump", tools, needed_by_server(18, "18.1")); });
  CHECK(old.code == ErrorCode::configuration);
  CHECK(old.says("b is of version 17.2, but the server is of 18.1"));
  CHECK(old.hint.find("postgresql-client-18") != std::string::npos);
  const auto none = test::thrown_by([] { choose_tool("pg_dump", {}, {}); });
  CHECK(none.code == ErrorCode::configuration);
  CHECK(none.hint.find("postgresql-client") != std::string::npos);
}

TEST_CASE("postgresql tools: an archive needs the version that it was made by") {
  CHECK(needed_by_archive("17.2").major == 17);
  CHECK(needed_by_archive("18beta1").major == 18);
  CHECK(needed_by_archive("").major == 0);
}

TEST_CASE("postgresql tools: those of a folder that is named, and no others") {
  const test::Folder folder;
  const auto file =
      folder.write("pg_dump", "#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.1 (a test)'\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  const Tool tool = find_tool("pg_dump", {}, folder.path(), Cancel());
  CHECK(tool.program == file.string());
  CHECK(tool.version == "99.1");
  const auto none = test::thrown_by([&] { find_tool("pg_restore", {}, folder.path(), Cancel()); });
  CHECK(none.code == ErrorCode::configuration);
  CHECK(none.says(folder.path().string() + ": there is no 'pg_restore' of PostgreSQL in it"));
  CHECK(none.hint.find("--pg-bin") != std::string::npos);
}

TEST_CASE("postgresql tools: no secret is among the arguments") {
  const auto tool = tool_address(
      address("host='h' user='u' password='se cr\\'et' dbname='a \\\\b' client_encoding='UTF8' "
              "connect_timeout='5'"));
  CHECK(tool.argument == "--dbname=user='u' connect_timeout='5' dbname='a \\\\b' host='h'");
  CHECK(tool.environment.at("PGPASSWORD") == "se cr'et");
  const auto refused =
      test::thrown_by([] { tool_address(address("host='h' sslpassword='secret'")); });
  CHECK(refused.code == ErrorCode::configuration);
  CHECK_FALSE(refused.says("secret"));
}

TEST_CASE("postgresql tools: the same server, another database") {
  const Address here = address("host='h' dbname='a' password='old'");
  CHECK(database_of(here) == "a");
  CHECK(database_of(in_database(here, "it's", "")) == "it's");
  CHECK(tool_address(in_database(here, "b", "new")).environment.at("PGPASSWORD") == "new");
  CHECK(tool_address(in_database(here, "b", "")).environment.at("PGPASSWORD") == "old");
}

TEST_CASE("postgresql tools: what they say becomes an error of ours") {
  const Error role =
      tool_failure("pg_restore", 1,
                   "pg_restore: while PROCESSING TOC:\npg_restore: from TOC entry 3\n"
                   "pg_restore: error: could not execute query: ERROR:  role \"x\" does not exist\n"
                   "Command was: ALTER TABLE public.a OWNER TO x;\n\n");
  CHECK(std::string(role.what()) ==
        "pg_restore: could not execute query: ERROR:  role \"x\" does not exist");
  CHECK(role.code() == ErrorCode::critical);
  const Error lost = tool_failure(
      "pg_dump", 1,
      "pg_dump: error: Dumping the contents of table \"a\" failed: PQgetCopyData() failed.\n"
      "pg_dump: detail: Error message from server: server closed the connection unexpectedly\n"
      "\tThis probably means the server terminated abnormally\n"
      "pg_dump: detail: Command was: COPY public.a (x) TO stdout;\n");
  CHECK(lost.code() == ErrorCode::unavailable);
  CHECK(std::string(lost.what()).find("COPY") == std::string::npos);
  CHECK(tool_failure("pg_restore", 1,
                     "pg_restore: error: SSL connection has been closed unexpectedly\n")
            .code() == ErrorCode::unavailable);
  const Error silent = tool_failure("pg_dump", 137, "");
  CHECK(std::string(silent.what()).find("137") != std::string::npos);
  CHECK(tool_failure("pg_dump", 1, "pg_dump: error: query failed: ERROR:  permission denied for x")
            .code() == ErrorCode::permission);
}

}  // namespace prism::postgres
