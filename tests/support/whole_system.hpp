#pragma once

#include <map>
#include <string>

#include "support/backed_up_system.hpp"
#include "support/bucket.hpp"
#include "support/consul.hpp"
#include "support/graph_data.hpp"
#include "support/nats.hpp"

namespace prism::test {

inline bool has_all_servers() {
  return has_backup_servers() && has_service("PRISM_TEST_NEO4J") &&
         has_service("PRISM_TEST_CONSUL") && has_service("PRISM_TEST_NATS");
}

/// A system that has everything that is backed up: PostgreSQL, Redis, SQLite, Neo4j, a bucket,
/// Consul, NATS and files; all but the files by its own environment file.
class WholeSystem {
 public:
  WholeSystem()
      : consul_server_("consul"),
        consul_(consul_server_.value("PRISM_TEST_CONSUL")),
        nats_("nats") {
    fill_graph(graph_);
    fill_consul(consul_);
    fill_nats(nats_url());
    for (const std::string& key : odd_keys()) bucket_.put(key, "content of " + key);
    std::filesystem::create_directory(cli() / "certs");
    cli().write("certs/a.pem", "one");
    cli().write("prismctl.toml", "[targets.certs]\npaths = ['certs']\n");
    keep_private("prismctl.toml");
    add_to_environment();
  }

  Launch launch(const Words& words) const {
    Launch launch = system_.launch(words);
    launch.environment["PRISMCTL_NEO4J_CA_FILE"] = neo4j_settings().ca_file.string();
    return launch;
  }
  Ended run(const Words& words) const {
    Process process(launch(words));
    return process.wait();
  }

  /// By target, as its own users see it.
  std::map<std::string, std::string> state() const {
    return {{"servers and facts", system_.state()},
            {"graph", graph_state(graph_)},
            {"consul", consul_.state()},
            {"nats", NatsClient(nats_url()).state()},
            {"objects", bucket_.state()},
            {"certs", read_file(cli() / "certs/a.pem", 100)}};
  }

  /// Nothing is left of most, and other things are there instead.
  void lose() const {
    system_.wreck();
    empty_graph(graph_);
    graph_.execute("CREATE (:Newer)");
    consul_.ask("DELETE", "/v1/kv/?recurse");
    NatsClient(nats_url()).remove_all();
    for (const std::string& key : odd_keys()) bucket_.remove(key);
    cli().write("certs/a.pem", "another");
  }

  const std::string& repository() const { return system_.repository(); }
  const Cli& cli() const { return system_.cli; }

 private:
  std::string nats_url() const { return nats_.value("PRISM_TEST_NATS"); }

  void keep_private(const std::string& name) const {
    std::filesystem::permissions(
        cli() / name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  void add_to_environment() const {
    const auto s3 = minio_options().settings;
    cli().write("system.env", read_file(cli() / "system.env", 10'000) + "NEO4J_URI=" +
                                  graph_.url() + "\nNEO4J_PASSWORD='" + neo4j_settings().password +
                                  "'\nCONSUL_HTTP_ADDR=" + consul_.host() +
                                  "\nNATS_URL=" + nats_url() + "\nMINIO_ENDPOINT=" + s3.endpoint +
                                  "\nMINIO_ROOT_USER=" + s3.access_key + "\nMINIO_ROOT_PASSWORD='" +
                                  s3.secret_key + "'\nMINIO_BUCKET_NAME=" + bucket_.name() + "\n");
    keep_private("system.env");
  }

  BackedUpSystem system_;
  Neo4jDatabase graph_;
  PrivateServer consul_server_;
  ConsulServer consul_;
  PrivateServer nats_;
  mutable Bucket bucket_;
};

}  // namespace prism::test
