#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/bucket.hpp"
#include "support/consul.hpp"
#include "support/http_server.hpp"
#include "support/nats.hpp"
#include "support/postgres.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "systems/system.hpp"

namespace prism::test {
namespace {

constexpr const char* kRedisPassword = "redis-secret";

/// Servers of the platform, which a restore replaces as a whole: no other test has them.
struct Servers {
  PrivateServer auth{"postgres"};
  PrivateServer ops{"postgres"};
  PrivateServer redis{"redis"};
  std::string redis_url = set_redis_password(redis.value("PRISM_TEST_REDIS"), kRedisPassword);
  PrivateServer nats{"nats"};
  PrivateServer consul{"consul"};

  std::string auth_url() const { return auth.value("PRISM_TEST_POSTGRES"); }
  std::string ops_url() const { return ops.value("PRISM_TEST_POSTGRES"); }
  std::string nats_url() const { return nats.value("PRISM_TEST_NATS"); }
};

std::string host_of(const std::string& url) { return url.substr(url.find("://") + 3); }

std::string port_in(const std::string& url) {
  const std::string host = host_of(without_login(url));
  return port_of(host.substr(0, host.find('/')));
}

/// Two databases and all that stands around them, on this machine, where its variables name none.
class Prism {
 public:
  Prism() {
    auth_.execute(
        "CREATE TABLE account (name text PRIMARY KEY); INSERT INTO account VALUES ('Nora')");
    ops_.execute(
        "CREATE TABLE job (id serial, what text); INSERT INTO job (what) VALUES ('index')");
    RedisCli(servers_.redis_url)({"SET", "session:1", "Nora", "PX", "90000000"});
    NatsClient(servers_.nats_url()).add_stream("EVENTS", {{"subjects", {"events.>"}}});
    NatsClient(servers_.nats_url()).publish("events.login", "Nora");
    consul_.put("/v1/kv/prism/config/limit", "17");
    objects_.put("reports/2026.pdf", many_bytes(70'000));
    system_.write("prismctl.toml",
                  "[targets.health]\nurl = '" + health_.url() + "/health/ready'\n");
  }

  Contents contents() const {
    return {{"auth", auth_.exists() ? auth_.text("SELECT name FROM account") : "none"},
            {"ops", ops_.exists() ? ops_.text("SELECT id || what FROM job") : "none"},
            {"cache", redis_state({servers_.redis_url})},
            {"nats", NatsClient(servers_.nats_url()).state()},
            {"consul", consul_.state()},
            {"objects", objects_.state()}};
  }

  void lose() const {
    auth_.drop();
    ops_.drop();
    empty_redis({servers_.redis_url});
    NatsClient(servers_.nats_url()).remove_all();
    consul_.ask("DELETE", "/v1/kv/?recurse");
    objects_.remove();
  }

  const System& system() const { return system_; }

 private:
  std::string environment() const {
    const std::string grpc = host_of(service("PRISM_TEST_GRPC").value());
    return fmt::format(
               "POSTGRES_AUTH_PASSWORD={}\nPOSTGRES_AUTH_PORT={}\nPOSTGRES_OPS_PASSWORD={}\n"
               "POSTGRES_OPS_PORT={}\nPRISM_REDIS_ADDRESS={}\nREDIS_PASSWORD={}\n"
               "PRISM_REDIS_PASSWORD={}\nNATS_URL={}\nCONSUL_HTTP_ADDR={}\n"
               "MINIO_BUCKET_NAME={}\nPRISM_AUTH_GRPC_ADDRESS={}\nPRISM_CONFIG_GRPC_ADDRESS={}\n",
               password_of(servers_.auth_url()), port_in(servers_.auth_url()),
               password_of(servers_.ops_url()), port_in(servers_.ops_url()),
               host_of(without_login(servers_.redis_url)), kRedisPassword, kRedisPassword,
               servers_.nats_url(), consul_.host(), objects_.name(), grpc, grpc) +
           minio_keys();
  }

  Servers servers_;
  PostgresDatabase auth_{servers_.auth_url(), "prism_auth"};
  PostgresDatabase ops_{servers_.ops_url(), "prism_ops"};
  ConsulServer consul_{servers_.consul.value("PRISM_TEST_CONSUL")};
  mutable Bucket objects_;
  HttpServer health_{[](const HttpRequest& request) {
    return http_answer(request.target == "/health/ready" ? 200 : 404, "{}");
  }};
  System system_{environment()};
};

bool has_prism_servers() {
  for (const char* const server : {"PRISM_TEST_POSTGRES", "PRISM_TEST_REDIS", "PRISM_TEST_NATS",
                                   "PRISM_TEST_CONSUL", "PRISM_TEST_S3", "PRISM_TEST_GRPC"}) {
    if (!has_service(server)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("systems: prism: two databases and all around them, backed up into MinIO and restored") {
  if (!has_prism_servers()) return;
  const Prism prism;
  const std::string repository = new_s3_url();
  survive(prism.system(), {.contents = [&] { return prism.contents(); },
                           .strike = [&] { prism.lose(); },
                           .repository = {"--repository", repository}});
  CHECK(missing_in(prism.system().print({"status"}),
                   {"auth-grpc", "config-grpc", "health", "serving", "HTTP 200"}) == "");
  prism.system().print({"backup", "--repository", repository});
  prism.system().print({"backup", "prune", "--keep-last", "1", "--repository", repository});
  const Json left = prism.system().json({"backup", "list", "--repository", repository});
  CHECK(left.at("backups").size() == 1);
}

}  // namespace prism::test
