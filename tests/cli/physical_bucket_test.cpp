// A cluster whose copies and WAL are in a bucket.
#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/cluster_load.hpp"
#include "support/postgres_cluster.hpp"
#include "support/s3.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// Of MinIO.
Variables keys_of_bucket() {
  return {{"MINIO_ENDPOINT", service("PRISM_TEST_S3").value()},
          {"AWS_ACCESS_KEY_ID", service("PRISM_TEST_S3_ACCESS_KEY").value()},
          {"AWS_SECRET_ACCESS_KEY", service("PRISM_TEST_S3_SECRET_KEY").value()}};
}

}  // namespace

TEST_CASE(
    "cli: physical: a restored server fetches its WAL from a bucket, or is told what it needs") {
  if (!has_service("PRISM_TEST_POSTGRES") || !has_service("PRISM_TEST_S3")) return;
  const Variables keys = keys_of_bucket();
  const ServerFolder folder;
  const Cli cli;
  const std::string bucket = new_s3_url();
  const fs::path data = folder.make("data");
  const std::string file = folder.write("bucket.env", assignments(keys, '\n'));
  const PostgresCluster cluster({.lines = archiving(bucket, assignments(keys, ' '))});
  make_commits(cluster);
  const Variables with_file{{"DATABASE_URL", cluster.url()}, {"PRISMCTL_REPOSITORY", bucket}};
  REQUIRE(cli({"backup", "--type", "full", "--env-file", file}, with_file).code == 0);
  cluster.execute("INSERT INTO commits SELECT FROM generate_series(1, 1000)");
  const std::string committed = cluster.text(kCommitted);
  archive_all(cluster);

  const Words restore{"restore", "latest", "--type", "full", "--into", data, "--to-time", "latest"};
  Variables with_keys = with_file;
  with_keys.insert(keys.begin(), keys.end());
  Words plan = restore;
  plan.emplace_back("--dry-run");
  const Ended planned = cli(plan, with_keys);
  CHECK(planned.code == 0);
  CHECK(missing_in(planned.err, {"MINIO_ENDPOINT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                 "--env-file"}) == "");
  CHECK(planned.err.find(keys.at("AWS_SECRET_ACCESS_KEY")) == std::string::npos);

  Words by_file = restore;
  by_file.insert(by_file.end(), {"--env-file", file});
  const Ended restored = cli(by_file, with_file);
  CAPTURE(restored.err);
  REQUIRE(restored.code == 0);
  CHECK(restored.err.find("AWS_") == std::string::npos);
  CHECK(text_in_restored(data, cluster) == committed);
}

}  // namespace prism::test
