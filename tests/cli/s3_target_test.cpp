// The real binary, of which the environment file says nothing but MinIO's own variables.
#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/bucket.hpp"
#include "support/kill.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

class System {
 public:
  System() {
    const auto settings = minio_options().settings;
    keys_ = "MINIO_ENDPOINT=" + minio_host() + "\nMINIO_ROOT_USER=" + settings.access_key +
            "\nMINIO_ROOT_PASSWORD='" + settings.secret_key + "'\n";
    write_env(keys_ + "MINIO_BUCKET_NAME=" + bucket.name() + "\n");
    bucket.put("books/ä b.pdf", many_bytes(100'000), {{"content-type", "application/pdf"}});
    bucket.put("books/tagged", "1", {{"x-amz-tagging", "a=1"}, {"x-amz-meta-isbn", "3-12"}});
    bucket.put("folder/", "");
    bucket.put("large", many_bytes(10 * kMiB));
  }

  void write_env(const std::string& text) const {
    cli.write("system.env", text);
    fs::permissions(cli / "system.env", fs::perms::owner_read | fs::perms::owner_write);
  }
  void write_config(const std::string& scratch) const {
    cli.write("prismctl.toml",
              "[targets.objects]\nurl = '" + bucket.url() + "'\nscratch = '" + scratch + "'\n");
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  }

  Launch launch(Words words) const {
    words.insert(words.end(), {"--env-file", "system.env"});
    return cli.launch(words);
  }
  Ended run(const Words& words) const {
    Process process(launch(words));
    return process.wait();
  }

  void wreck() {
    bucket.put("books/ä b.pdf", "other");
    bucket.remove("large");
    bucket.remove("books/tagged");
  }

  mutable Bucket bucket;
  Cli cli;
  std::string keys_;
};

}  // namespace

TEST_CASE("cli: S3 target: a bucket by MinIO's own variables, backed up, lost and restored") {
  if (!has_service("PRISM_TEST_S3")) return;
  System system;
  const std::string before = system.bucket.state();
  const Ended made = system.run({"backup"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(missing_in(made.out, {"objects: ", "complete"}) == "");
  const Ended verified = system.run({"backup", "verify"});
  CHECK(verified.code == 0);
  system.wreck();
  CHECK(system.run({"restore", "latest"}).code == 73);
  const Ended restored = system.run({"restore", "latest", "--force"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(missing_in(restored.out, {"restores   bytes 10,585,761, objects 4"}) == "");
  CHECK(system.bucket.state() == before);
  system.bucket.put("newer", "1");
  CHECK(system.run({"restore", "latest", "--force", "--no-safety-copy", "--exact"}).code == 0);
  CHECK(system.bucket.state() == before);
  system.bucket.remove();
  CHECK(system.run({"restore", "latest"}).code == 0);
  CHECK(system.bucket.state() == before);
}

TEST_CASE("cli: S3 target: the repository may lie in the same bucket") {
  if (!has_service("PRISM_TEST_S3")) return;
  System system;
  const std::string repository = system.bucket.url() + "/backups";
  const std::string before = system.bucket.state();
  REQUIRE(system.run({"backup", "--repository", repository}).code == 0);
  REQUIRE(system.run({"backup", "--repository", repository}).code == 0);
  system.wreck();
  const Ended restored =
      system.run({"restore", "latest", "--force", "--exact", "--repository", repository});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(missing_in(restored.out, {"objects 4"}) == "");
  const std::string all = system.bucket.state();
  CHECK(all.find("/manifest.json ") != std::string::npos);
  for (const auto& [key, object] : system.bucket.objects()) {
    if (key.starts_with("backups/")) system.bucket.remove(key);
  }
  CHECK(system.bucket.state() == before);
  const Ended within = system.run({"backup", "--repository", system.bucket.url()});
  CHECK(within.code == 2);
  CHECK(missing_in(within.out, {"lies in the repository"}) == "");
}

TEST_CASE("cli: S3 target: a restore that is killed is critical until a rerun finished it") {
  if (!has_service("PRISM_TEST_S3")) return;
  System system;
  const std::string before = system.bucket.state();
  system.cli.write("base.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(system.run({"seed", "base.csv", "--cache", "none"}).code == 0);
  REQUIRE(system.run({"backup", "--target", "objects"}).code == 0);
  system.wreck();
  bool was_unfinished = false;
  const auto look = [&] {
    const bool is_unfinished = system.bucket.open()->unfinished().has_value();
    if (is_unfinished && !was_unfinished) {
      const Ended status = system.run({"status", "--cache", "none"});
      CHECK(status.code == 2);
      CHECK(missing_in(status.out, {"target objects: ", "restore it again"}) == "");
    }
    was_unfinished = was_unfinished || is_unfinished;
    system.wreck();
  };
  const Words restore{"restore", "latest", "--target", "objects", "--force", "--no-safety-copy"};
  kill_at_moments([&] { return system.launch(restore); }, look);
  CHECK(was_unfinished);
  CHECK(system.bucket.state() == before);
}

TEST_CASE("cli: S3 target: a restore test needs a scratch bucket, and leaves nothing in it") {
  if (!has_service("PRISM_TEST_S3")) return;
  System system;
  REQUIRE(system.run({"backup"}).code == 0);
  const Ended without = system.run({"backup", "verify", "--restore-test"});
  CHECK(without.code == 1);
  CHECK(missing_in(without.out, {"not tested", "no scratch bucket is configured"}) == "");

  Bucket scratch("", false);
  system.write_config(scratch.url());
  const Ended tested = system.run({"backup", "verify", "--restore-test", "--json"});
  CAPTURE(tested.err);
  CAPTURE(tested.out);
  REQUIRE(tested.code == 0);
  std::string checks;
  const Json document = Json::parse(tested.out);
  for (const Json& check : document.at("backups").at(0).at("targets").at(0).at("checks")) {
    CHECK(check.at("expected") == check.at("found"));
    checks += check.at("what").get<std::string>() + ";";
  }
  CHECK(missing_in(checks, {"number of objects;", "number of bytes;", "SHA-256 of contents"}) ==
        "");
  CHECK_FALSE(scratch.open()->present(prism::backup::Look::counted));

  Bucket used;
  used.put("something", "1");
  for (const std::string& place : {used.url(), system.bucket.url() + "/below"}) {
    CAPTURE(place);
    system.write_config(place);
    CHECK(system.run({"backup", "verify", "--restore-test"}).code == 1);
  }
}

TEST_CASE("cli: S3 target: a wrong key and a missing bucket fail their target") {
  if (!has_service("PRISM_TEST_S3")) return;
  System system;
  REQUIRE(system.run({"backup"}).code == 0);
  system.write_env(system.keys_ + "MINIO_BUCKET_NAME=not-there-at-all\n");
  const Ended missing = system.run({"backup"});
  CHECK(missing.code == 2);
  CHECK(missing_in(missing.out,
                   {"objects: failed: s3://not-there-at-all: there is no such bucket"}) == "");
  system.write_env(
      "MINIO_ENDPOINT=" + minio_host() +
      "\nMINIO_BUCKET_NAME=any\nMINIO_ROOT_USER=nobody\nMINIO_ROOT_PASSWORD=hidden1\n");
  const Ended wrong = system.run({"restore", "latest", "--force"});
  CHECK(wrong.code == 77);
  const Ended failed = system.run({"backup"});
  CHECK(failed.code == 2);
  CHECK((wrong.err + failed.out + failed.err).find("hidden1") == std::string::npos);
}

}  // namespace prism::test
