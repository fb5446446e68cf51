#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <prism/base/export.hpp>

namespace prism::config {

struct PostgresSettings {
  std::string schema = "prism";
  std::size_t max_connections = 50;
  std::chrono::milliseconds connection_timeout{5000};
  std::chrono::milliseconds idle_timeout{10'000};
  std::chrono::milliseconds statement_timeout{0};  ///< 0: the server's own
  std::filesystem::path bin_dir;                   ///< of pg_dump and the like; empty: looked for
};

struct RedisSettings {
  std::string password;  ///< used where the URL has none
  std::chrono::milliseconds timeout{5000};
  std::size_t pool_size = 20;
  std::size_t batch_size = 5000;  ///< commands sent together
  std::filesystem::path ca_file;  ///< whom TLS trusts; empty: whom the system trusts
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
};

struct Neo4jSettings {
  std::string user = "neo4j";  ///< used where the URL has none
  std::string password;        ///< used where the URL has none; empty: none is given
  std::string token;           ///< of single sign-on; in place of user and password
  std::chrono::milliseconds timeout{30'000};
  std::size_t max_connections = 50;
  std::size_t batch_size = 1000;     ///< facts written together
  std::filesystem::path import_dir;  ///< where the server's LOAD CSV reads files; empty: none
  std::filesystem::path ca_file;     ///< whom TLS trusts; empty: whom the system trusts
};

/// Where a bucket stands in a request.
enum class S3Addressing : std::uint8_t {
  automatic,     ///< in the path where an endpoint is named, else in the host's name
  path,          ///< http://host/bucket/key
  virtual_host,  ///< http://bucket.host/key
};

struct S3Settings {
  std::string endpoint = {};         ///< used where the URL has none; empty: Amazon's own
  std::string region = "us-east-1";  ///< used where the URL has none
  S3Addressing addressing = S3Addressing::automatic;
  std::string access_key = {};
  std::string secret_key = {};
  std::string session_token = {};  ///< of a temporary access key; empty: none
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds retry_time{60'000};  ///< for what passes, such as 503 SlowDown
  std::filesystem::path ca_file = {};            ///< whom TLS trusts; empty: whom the system trusts
};

struct ConsulSettings {
  std::string token = {};  ///< an ACL token's SecretID; empty: none is given
  std::chrono::milliseconds timeout{30'000};
  std::filesystem::path ca_file = {};  ///< whom TLS trusts; empty: whom the system trusts
};

struct NatsSettings {
  std::string user = {};                        ///< used where the URL has neither user nor token
  std::string password = {};                    ///< the same
  std::string token = {};                       ///< the same; in place of user and password
  std::filesystem::path credentials_file = {};  ///< the same; JWT and seed
  std::chrono::milliseconds timeout{5000};
  std::filesystem::path ca_file = {};  ///< whom TLS trusts; empty: whom the system trusts
};

/// How database servers are reached.
struct PRISM_API ServerSettings {
  std::chrono::seconds wait{0};  ///< for a server that can't be reached yet
  PostgresSettings postgres = {};
  RedisSettings redis = {};
  Neo4jSettings neo4j = {};
  S3Settings s3 = {};
  ConsulSettings consul = {};
  NatsSettings nats = {};
  std::filesystem::path http_ca_file = {};  ///< whom https and grpcs trust; empty: as the system

  /// The same, but that no single wait is longer than that, and nothing is tried again for longer.
  ServerSettings within(std::chrono::milliseconds limit) const;
};

}  // namespace prism::config
