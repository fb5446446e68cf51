#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <prism/drivers/redis/rdb_file.hpp>

#include "support/memory_artifacts.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A server that has been backed up, and its data folder.
struct Scene {
  Scene() : own("redis"), url(own.value("PRISM_TEST_REDIS")), server(url) {
    fill_redis(url, "a:");
    state = redis_state({url});
    redis_target(url, quiet)->dump(artifacts);
    folder = fs::path(own.value("PRISM_TEST_REDIS_SOCKET")).parent_path();
  }

  std::unique_ptr<backup::Component> file() { return redis::open_rdb_file(folder, quiet.cancel()); }
  Thrown refusal() {
    return thrown_by([&] { file()->restore(artifacts); });
  }

  PrivateServer own;
  std::string url;
  RedisCli server;
  Quiet quiet;
  MemoryArtifacts artifacts;
  std::string state;
  fs::path folder;
};

}  // namespace

TEST_CASE("contract: redis file: a server that was stopped begins from what was put in place") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  CHECK(scene.refusal().code == ErrorCode::locked);
  scene.server({"FLUSHALL"});
  scene.own.stop();
  CHECK_FALSE(scene.file()->present(prism::backup::Look::counted).has_value());
  const auto content = scene.file()->restore(scene.artifacts);
  CHECK(content.counts == scene.file()->present(prism::backup::Look::counted)->counts);
  scene.own.restart();
  CHECK(redis_state({scene.url}) == scene.state);
}

TEST_CASE("contract: redis file: what is there is replaced whole, with its owner and mode") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.own.stop();
  const fs::path file = scene.folder / "dump.rdb";
  std::ofstream(file) << "no RDB";
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  CHECK(scene.file()->present(prism::backup::Look::counted)->counts.empty());
  MemoryArtifacts cut = scene.artifacts;
  cut.content["dump.rdb"].resize(100);
  CHECK(thrown_by([&] { scene.file()->restore(cut); }).code == ErrorCode::bad_data);
  CHECK(fs::file_size(file) == 6);
  scene.file()->restore(scene.artifacts);
  MemoryArtifacts copy;
  scene.file()->dump(copy);
  CHECK(copy.content == scene.artifacts.content);
  struct stat now {};
  REQUIRE(::stat(file.c_str(), &now) == 0);
  CHECK((now.st_mode & 07777U) == 0600);
}

TEST_CASE(
    "contract: redis file: an append-only file would be preferred to it, a Cluster has many") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.own.stop();
  fs::create_directory(scene.folder / "appendonlydir");
  const Thrown refused = scene.refusal();
  CHECK(refused.code == ErrorCode::refused);
  CHECK(refused.says("appendonlydir"));
  fs::remove(scene.folder / "appendonlydir");
  MemoryArtifacts cluster;
  cluster.content["node-0.rdb"] = cluster.content["node-1.rdb"] =
      scene.artifacts.content["dump.rdb"];
  CHECK(thrown_by([&] { scene.file()->require_restorable(cluster); }).code ==
        ErrorCode::configuration);
  CHECK_FALSE(fs::exists(scene.folder / "dump.rdb"));
}

}  // namespace prism::test
