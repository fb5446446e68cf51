#include <map>

#include <doctest/doctest.h>

#include <prism/config/settings.hpp>

#include "support/temporary.hpp"

namespace prism::config {
namespace {

Settings resolve(std::map<std::string, std::string> variables) {
  Sources sources;
  sources.environment = [=](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  sources.default_config_files.clear();
  return Settings::resolve(sources);
}

}  // namespace

TEST_CASE("config: S3 is set by the variables of Amazon's tools") {
  const S3Settings s3 = resolve({{"AWS_ACCESS_KEY_ID", "id"},
                                 {"AWS_SECRET_ACCESS_KEY", "secret"},
                                 {"AWS_SESSION_TOKEN", "token"},
                                 {"AWS_DEFAULT_REGION", "eu-west-3"},
                                 {"AWS_ENDPOINT_URL", "https://h"}})
                            .servers()
                            .s3;
  CHECK(s3.access_key == "id");
  CHECK(s3.secret_key == "secret");
  CHECK(s3.session_token == "token");
  CHECK(s3.region == "eu-west-3");
  CHECK(s3.endpoint == "https://h");
  CHECK(resolve({{"AWS_REGION", "a"}, {"AWS_DEFAULT_REGION", "b"}}).servers().s3.region == "a");
  CHECK(resolve({}).servers().s3.region == "us-east-1");
}

TEST_CASE("config: S3 is set by MinIO's variables, of which secrets may be in files") {
  const test::Folder folder;
  const Settings settings =
      resolve({{"MINIO_ENDPOINT", "10.0.0.7:9000"},
               {"MINIO_ROOT_USER", "admin"},
               {"MINIO_ROOT_PASSWORD_FILE", folder.write("password", "hidden\n").string()}});
  const S3Settings s3 = settings.servers().s3;
  CHECK(s3.endpoint == "10.0.0.7:9000");
  CHECK(s3.access_key == "admin");
  CHECK(s3.secret_key == "hidden");
  for (const Setting one :
       {Setting::s3_access_key, Setting::s3_secret_key, Setting::s3_session_token}) {
    CHECK(spec_of(one).kind == SettingKind::secret);
  }
}

TEST_CASE("config: MinIO's keys are not for Amazon") {
  const Settings minio = resolve({{"MINIO_ROOT_USER", "admin"}});
  CHECK(minio.text(Setting::s3_endpoint) == "http://localhost:9000");
  CHECK(minio.value(Setting::s3_endpoint).origin == "default for MINIO_ROOT_USER");
  CHECK(resolve({{"MINIO_ROOT_USER", "admin"}, {"AWS_ENDPOINT_URL", "https://h"}})
            .text(Setting::s3_endpoint) == "https://h");
  CHECK(resolve({{"AWS_ACCESS_KEY_ID", "id"}, {"MINIO_ROOT_USER", "admin"}})
            .text(Setting::s3_endpoint)
            .empty());
}

TEST_CASE("config: prismctl's own variables of S3 come first") {
  const S3Settings s3 = resolve({{"AWS_ACCESS_KEY_ID", "of-amazon"},
                                 {"PRISMCTL_S3_ACCESS_KEY", "own"},
                                 {"PRISMCTL_S3_ADDRESSING", "Virtual"},
                                 {"PRISMCTL_S3_TIMEOUT", "7"},
                                 {"PRISMCTL_S3_RETRY_TIME", "8"},
                                 {"PRISMCTL_S3_CA_FILE", "ca.pem"}})
                            .servers()
                            .s3;
  CHECK(s3.access_key == "own");
  CHECK(s3.addressing == S3Addressing::virtual_host);
  CHECK(s3.timeout == std::chrono::milliseconds(7));
  CHECK(s3.retry_time == std::chrono::seconds(8));
  CHECK(s3.ca_file == "ca.pem");
}

}  // namespace prism::config
