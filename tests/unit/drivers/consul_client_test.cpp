#include <doctest/doctest.h>

#include <prism/drivers/consul/component.hpp>

#include "support/consul_snapshot.hpp"
#include "support/http_server.hpp"
#include "support/memory_artifacts.hpp"
#include "support/quiet.hpp"
#include "support/s3.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::consul {
namespace {

using test::http_answer;
using test::HttpServer;
using test::thrown_by;

/// What a Consul agent answers, as far as it matters here.
class FakeConsul {
 public:
  FakeConsul() : server_([this](const test::HttpRequest& request) { return answer(request); }) {}

  std::map<std::string, std::string> answers{
      {"GET /v1/status/leader", http_answer(200, "\"10.0.0.1:8300\"")},
      {"GET /v1/agent/self", http_answer(200, R"({"Config":{"Version":"1.21.0"}})")},
      {"PUT /v1/snapshot", http_answer(200)},
      {"GET /v1/acl/token/self", http_answer(403, "ACL not found")},
      {"GET /v1/kv/prismctl", http_answer(404)}};

  ClientOptions options() const {
    return {{false, server_.url().substr(7)}, {.token = "s3cret"}, {}};
  }
  std::vector<test::HttpRequest> requests() const { return server_.requests(); }

 private:
  std::string answer(const test::HttpRequest& request) {
    const auto found = answers.find(request.method + " " + request.target);
    return found == answers.end() ? http_answer(404) : found->second;
  }

  HttpServer server_;
};

std::string small_snapshot(const std::string& records = test::consul_kv("a", "1")) {
  return test::consul_snapshot(test::consul_header() + records);
}

test::Thrown dump_failure(const FakeConsul& server) {
  test::Quiet quiet;
  test::MemoryArtifacts artifacts;
  return thrown_by(
      [&] { open_component({server.options()}, quiet.log(), quiet.cancel())->dump(artifacts); });
}

/// What a dump or a restore of that snapshot writes into the log.
std::string log_of(FakeConsul& server, const std::string& snapshot, bool encrypted, bool restore) {
  const test::Folder folder;
  test::Quiet quiet(folder / "log");
  test::MemoryArtifacts artifacts;
  server.answers["GET /v1/snapshot"] = http_answer(200, snapshot);
  const auto component = open_component({server.options(), encrypted}, quiet.log(), quiet.cancel());
  component->dump(artifacts);
  if (restore) component->restore(artifacts);
  return test::content_of(folder / "log");
}

}  // namespace

TEST_CASE("consul: a dump is what the server sends, and asked for with the token") {
  FakeConsul server;
  server.answers["GET /v1/snapshot"] = http_answer(200, small_snapshot());
  test::Quiet quiet;
  test::MemoryArtifacts artifacts;
  const auto component = open_component({server.options()}, quiet.log(), quiet.cancel());
  const auto content = component->dump(artifacts);
  CHECK(content.version == "1.21.0");
  CHECK(content.counts == backup::Counts{{"kv entries", 1}});
  CHECK(artifacts.content == std::map<std::string, std::string>{{"snap", small_snapshot()}});
  for (const auto& request : server.requests()) CHECK(request.header("x-consul-token") == "s3cret");
  server.answers["GET /v1/agent/self"] = http_answer(403, "Permission denied");
  CHECK(component->present(prism::backup::Look::counted)->version == "");
  server.answers["GET /v1/agent/self"] = http_answer(200, "[1,{}");
  CHECK(component->present(prism::backup::Look::counted)->version == "");
}

TEST_CASE("consul: what is refused says why, and no secret") {
  FakeConsul server;
  struct Row {
    int status;
    const char* body;
    ErrorCode code;
  };
  const Row rows[] = {{403, "Permission denied", ErrorCode::permission},
                      {403, "ACL not found", ErrorCode::permission},
                      {401, "", ErrorCode::permission},
                      {500, "No cluster leader", ErrorCode::unavailable},
                      {429, "rate limit", ErrorCode::unavailable},
                      {500, "no space left on device", ErrorCode::io},
                      {302, "", ErrorCode::io}};
  for (const Row& row : rows) {
    CAPTURE(row.status);
    server.answers["GET /v1/snapshot"] = http_answer(row.status, row.body);
    const auto thrown = dump_failure(server);
    CHECK(thrown.code == row.code);
    CHECK(thrown.says(row.body));
    CHECK(thrown.says(std::to_string(row.status)));
    CHECK_FALSE(thrown.says("s3cret"));
    CHECK((thrown.hint.find("acl = \"write\"") != std::string::npos) ==
          (row.code == ErrorCode::permission));
  }
  server.answers["GET /v1/status/leader"] = http_answer(200, "\"\"");
  const auto headless = dump_failure(server);
  CHECK(headless.code == ErrorCode::unavailable);
  CHECK(headless.says("no leader"));
}

TEST_CASE("consul: a snapshot that is damaged on its way is no dump") {
  FakeConsul server;
  std::string changed = small_snapshot();
  changed[changed.size() / 2] ^= 1;
  server.answers["GET /v1/snapshot"] = http_answer(200, changed);
  CHECK(dump_failure(server).code == ErrorCode::bad_data);
  const std::string whole = http_answer(200, small_snapshot(), "Connection: close\r\n");
  server.answers["GET /v1/snapshot"] = whole.substr(0, whole.size() - 10);
  CHECK(dump_failure(server).code == ErrorCode::unavailable);
}

TEST_CASE("consul: a damaged artifact reaches no server as a whole") {
  FakeConsul server;
  test::Quiet quiet;
  test::MemoryArtifacts artifacts;
  const auto component = open_component({server.options()}, quiet.log(), quiet.cancel());
  const auto snapshot = small_snapshot(test::consul_kv("large", test::many_bytes(60'000)) +
                                       test::consul_kv("larger", test::many_bytes(65'000)));
  std::string many = snapshot;
  for (int i = 0; i < 8; ++i) many += snapshot;
  std::string flipped = small_snapshot();
  flipped[flipped.size() / 2] ^= 1;
  for (const std::string& damaged : {std::string(), small_snapshot().substr(0, 300), many, flipped,
                                     snapshot.substr(0, snapshot.size() - 1)}) {
    artifacts.content["snap"] = damaged;
    CHECK(thrown_by([&] { component->restore(artifacts); }).code == ErrorCode::bad_data);
  }
  for (const auto& request : server.requests()) CHECK(request.method == "GET");
  const auto asked = server.requests().size();
  artifacts.content["snap"] = small_snapshot();
  artifacts.content["other"] = small_snapshot();
  CHECK(thrown_by([&] { component->restore(artifacts); }).code == ErrorCode::bad_data);
  CHECK(server.requests().size() == asked);
}

TEST_CASE("consul: secrets that are not encrypted and a token that goes are warned of") {
  const std::string token =
      test::consul_record(17, test::msgpack::map({{"AccessorID", test::msgpack::text("a")},
                                                  {"SecretID", test::msgpack::text("s3cret")}}));
  FakeConsul server;
  CHECK(log_of(server, small_snapshot(), false, false).find("backup.recipients") ==
        std::string::npos);
  CHECK(log_of(server, small_snapshot(token), true, false).find("backup.recipients") ==
        std::string::npos);
  const std::string open = log_of(server, small_snapshot(token), false, true);
  CHECK(open.find("backup.recipients") != std::string::npos);
  CHECK(open.find("the token in use") == std::string::npos);
  CHECK(open.find("s3cret") == std::string::npos);
  CHECK(
      log_of(server, small_snapshot(), true, true).find("the token in use is not in the backup") !=
      std::string::npos);
  server.answers["GET /v1/acl/token/self"] = http_answer(401, "ACL support disabled");
  CHECK(log_of(server, small_snapshot(), true, true).find("the token in use") == std::string::npos);
}

TEST_CASE("consul: a restore sends what was stored, and waits until it is read from") {
  FakeConsul server;
  test::Quiet quiet;
  test::MemoryArtifacts artifacts;
  artifacts.content["snap"] = small_snapshot();
  const auto component = open_component({server.options()}, quiet.log(), quiet.cancel());
  CHECK(component->restore(artifacts).counts == backup::Counts{{"kv entries", 1}});
  const auto requests = server.requests();
  const auto put = std::find_if(requests.begin(), requests.end(),
                                [](const auto& request) { return request.method == "PUT"; });
  REQUIRE(put != requests.end());
  CHECK(put->body == small_snapshot());
  CHECK(requests.back().target == "/v1/kv/prismctl");
  // It answers, and was counted already.
  CHECK(component->present(prism::backup::Look::counted)->counts ==
        backup::Counts{{"kv entries", 1}});
  server.answers["PUT /v1/snapshot"] =
      http_answer(500, "failed to read snapshot file: failed checking integrity of snapshot");
  CHECK(thrown_by([&] { component->restore(artifacts); }).code == ErrorCode::bad_data);
}

TEST_CASE("consul: a server that holds the token in use alone holds nothing") {
  FakeConsul server;
  test::Quiet quiet;
  const auto present = [&](const std::string& records) {
    server.answers["GET /v1/snapshot"] = http_answer(200, small_snapshot(records));
    return open_component({server.options()}, quiet.log(), quiet.cancel())
        ->present(prism::backup::Look::counted);
  };
  const auto token = [](const std::string& secret) {
    return test::consul_record(17, test::msgpack::map({{"SecretID", test::msgpack::text(secret)}}));
  };
  CHECK_FALSE(present(""));
  CHECK_FALSE(present(token("s3cret")));
  CHECK(present(token("other")));
  CHECK(present(token("s3cret") + token("other")));
  CHECK(present(token("s3cret") + test::consul_kv("a", "")));
}

}  // namespace prism::consul
