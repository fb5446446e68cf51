#include "support/postgres_cluster.hpp"

#include <doctest/doctest.h>

#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {

TEST_CASE(
    "services: physical: a cluster of a test's own is killed, stopped, started and followed") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  PostgresCluster primary({.lines = {"work_mem = '7MB'"}, .initdb = {"--data-checksums"}});
  CHECK(primary.text("SHOW work_mem") == "7MB");
  CHECK(primary.text("SHOW data_checksums") == "on");
  primary.execute("CREATE TABLE t AS SELECT 1 AS n");
  primary.kill();
  primary.start();
  CHECK(primary.text("SELECT n FROM t") == "1");
  const auto standby = primary.make_standby();
  primary.restart();
  primary.execute("INSERT INTO t VALUES (2)");
  CHECK(comes_true([&] { return standby->text("SELECT count(*) FROM t") == "2"; }));
  standby->promote();
  standby->execute("INSERT INTO t VALUES (3)");
  CHECK(standby->timeline() == 2);
}

TEST_CASE("services: physical: a cluster of PostgreSQL 17 of a test's own") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  const PostgresCluster cluster({.programs = postgres_17_programs()});
  CHECK(cluster.text("SHOW server_version").substr(0, 2) == "17");
}

}  // namespace prism::test
