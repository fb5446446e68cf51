// Copies of the files of real clusters, proved by a server that is started on them, and pg_amcheck.
#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A cluster with two indexes of the same numbers, in either order.
struct Scene {
  explicit Scene(ClusterSettings settings)
      : cluster(std::move(settings)), scratch(cluster.make_folder("scratch")) {
    cluster.execute("CREATE TABLE numbers AS SELECT generate_series(1, 50000) n");
    cluster.execute("CREATE INDEX up ON numbers (n)");
    cluster.execute("CREATE INDEX down ON numbers (n DESC)");
  }

  fs::path file_of(const std::string& index) const {
    return cluster.data() / cluster.text("SELECT pg_relation_filepath('" + index + "')");
  }

  /// Into one that no checksum tells of: that of a page is of its number, not of its index.
  void corrupt_index() {
    const fs::path up = file_of("up"), down = file_of("down");
    cluster.stop();
    fs::copy_file(down, up, fs::copy_options::overwrite_existing);
    cluster.start();
  }

  Ended run(const Words& words) const { return cli(words, {{"DATABASE_URL", cluster.url()}}); }

  /// Of a copy that is made now.
  Ended proof(const Words& more = {}) const {
    REQUIRE(run({"backup", "--type", "full"}).code == 0);
    CHECK(run({"backup", "verify"}).code == 0);
    Words words{"backup", "verify", "--json", "--restore-test", "--scratch-dir", scratch};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  PostgresCluster cluster;
  fs::path scratch;
  Cli cli;
};

Json target_of(const Ended& proof) {
  return Json::parse(proof.out).at("backups").at(0).at("targets").at(0);
}

void check_good(const Ended& proof) {
  CAPTURE(proof.err);
  CHECK(proof.code == 0);
  CHECK(target_of(proof).at("tested") == true);
  CHECK(target_of(proof).at("checks").back().at("what") == "pg_amcheck of all databases");
}

void check_corrupt(const Ended& proof) {
  CAPTURE(proof.err);
  CHECK(proof.code == 2);
  const Json check = target_of(proof).at("checks").back();
  CHECK(check.at("good") == false);
  CHECK(missing_in(check.at("found"), {"item order invariant violated for index \"up\""}) == "");
}

}  // namespace

TEST_CASE("cli: physical: an index that was corrupted before its copy is found by the proof") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Scene scene({.initdb = {"--data-checksums"}});
  check_good(scene.proof());
  scene.corrupt_index();
  check_corrupt(scene.proof());
}

TEST_CASE("cli: physical: a copy of PostgreSQL 17 is proved, by a pg_amcheck that is older too") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  Scene scene({.programs = postgres_17_programs(), .initdb = {"--data-checksums"}});
  const Words programs{"--pg-bin", postgres_17_programs()};
  check_good(scene.proof(programs));
  scene.corrupt_index();
  check_corrupt(scene.proof(programs));
}

TEST_CASE("cli: physical: a server that proves a copy asks no one for changes") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const TcpProxy publisher("127.0.0.1:1");
  Scene scene({.lines = {"max_logical_replication_workers = 0"}});
  scene.cluster.execute("CREATE SUBSCRIPTION changes CONNECTION 'host=127.0.0.1 port=" +
                        std::to_string(publisher.port()) +
                        "' PUBLICATION changes WITH (connect = false)");
  scene.cluster.execute("ALTER SUBSCRIPTION changes ENABLE");
  check_good(scene.proof());
  CHECK(publisher.counts().connections == 0);
}

}  // namespace prism::test
