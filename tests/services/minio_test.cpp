#include <filesystem>

#include <doctest/doctest.h>

#include "support/services.hpp"
#include "support/temporary.hpp"

namespace prism::test {

TEST_CASE("services: nobody sees the secret of MinIO on a command line") {
  if (!has_service("PRISM_TEST_S3")) return;
  const PrivateServer server("minio");
  const std::string secret = server.value("PRISM_TEST_S3_SECRET_KEY");
  const std::string url = server.value("PRISM_TEST_S3");
  const std::string address = url.substr(url.find("//") + 2);
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string line = content_of(entry.path() / "cmdline");
    CHECK(line.find(secret) == std::string::npos);
    found = found || line.find(address) != std::string::npos;
  }
  CHECK(found);
}

}  // namespace prism::test
