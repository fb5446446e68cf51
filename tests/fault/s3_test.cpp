// S3 in trouble: MinIO, and a proxy on the way to it.
#include "support/s3.hpp"

#include <csignal>
#include <thread>

#include <doctest/doctest.h>

#include <prism/backup/repository_lock.hpp>
#include <prism/drivers/s3/multipart.hpp>
#include <prism/drivers/s3/objects.hpp>

#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

using test::kMiB;
using test::many_bytes;
using test::put;
using test::S3Place;
using test::TcpProxy;
using test::text_of;
using test::thrown_by;
using test::uploads_in;
using namespace std::chrono_literals;

/// A place in MinIO, by way of a proxy.
struct Proxied {
  explicit Proxied(std::chrono::milliseconds timeout = 30s) {
    options.settings.timeout = timeout;
    options.settings.retry_time = 30s;
  }

  TcpProxy proxy{test::minio_host()};
  ClientOptions options = test::minio_options("http://" + proxy.address());
  std::string url = test::new_s3_url();
};

/// What keeps anything from being listed there.
test::Thrown trouble_at(const ClientOptions& options, const std::string& url = test::new_s3_url()) {
  S3Place place(options, url);
  return thrown_by([&] { place.repository.list(""); });
}

}  // namespace

TEST_CASE("fault: S3: a connection that is cut while an object is sent") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  const std::string bytes = many_bytes(3 * kMiB);
  way.proxy.cut_after(TcpProxy::to_server, kMiB);
  put(place.repository, "a", bytes);
  CHECK(way.proxy.counts().connections == 2);
  CHECK((text_of(*place.repository.open("a")) == bytes));
}

TEST_CASE("fault: S3: an answer that is lost when the object is already there") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  way.proxy.cut_after(TcpProxy::to_client, 1);
  CHECK_NOTHROW(put(place.repository, "a", "content"));
  CHECK(way.proxy.counts().connections == 2);
  CHECK(text_of(*place.repository.open("a")) == "content");
  CHECK(thrown_by([&] { put(place.repository, "a", "content"); }).code == ErrorCode::refused);
}

TEST_CASE("fault: S3: a connection that is cut while a part of an object is sent") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  const std::string bytes = many_bytes(25 * kMiB);
  way.proxy.cut_after(TcpProxy::to_server, 12 * kMiB);
  put(place.repository, "a", bytes);
  CHECK((text_of(*place.repository.open("a")) == bytes));
  CHECK(uploads_in(place) == 0);
}

TEST_CASE("fault: S3: an answer that is lost at any moment of an upload") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  std::size_t cuts = 0;
  for (std::uint64_t moment = 1; moment < 2500; moment += 83) {
    CAPTURE(moment);
    const std::string name = std::to_string(moment);
    const auto before = way.proxy.counts().connections;
    way.proxy.cut_after(TcpProxy::to_client, moment);
    MultipartUpload upload(place.client, place.key(name), writer_headers(name));
    upload.add("content");
    upload.complete_new(name);
    CHECK(text_of(*place.repository.open(name)) == "content");
    CHECK(thrown_by([&] { put(place.repository, name, "x"); }).code == ErrorCode::refused);
    cuts += way.proxy.counts().connections > before ? 1 : 0;
  }
  CHECK(cuts > 20);
}

TEST_CASE("fault: S3: a connection that is cut while an object is read") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  const std::string bytes = many_bytes(20 * kMiB);
  put(place.repository, "a", bytes);
  const auto before = way.proxy.counts().forwarded[TcpProxy::to_client];
  way.proxy.cut_after(TcpProxy::to_client, 3 * kMiB);
  CHECK((text_of(*place.repository.open("a")) == bytes));
  // What had come is not asked for again, but for what was lost on its way.
  CHECK(way.proxy.counts().forwarded[TcpProxy::to_client] - before < 24 * kMiB);
}

TEST_CASE("fault: S3: a server that says nothing") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way(100ms);
  way.options.settings.retry_time = 0s;
  S3Place place(way.options, way.url);
  put(place.repository, "a", "content");
  way.proxy.stall();
  const auto thrown = thrown_by([&] { place.repository.open("a"); });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.says("100 ms"));
  way.proxy.forward();
  CHECK(text_of(*place.repository.open("a")) == "content");
}

TEST_CASE("fault: S3: a server that says nothing for a while") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way(100ms);
  S3Place place(way.options, way.url);
  put(place.repository, "a", "content");
  way.proxy.stall();
  const auto connections = way.proxy.counts().connections;
  std::thread later([&] {
    way.proxy.wait_for_connections(connections + 1);
    way.proxy.forward();
  });
  CHECK(text_of(*place.repository.open("a")) == "content");
  later.join();
}

TEST_CASE("fault: S3: a signal while a server says nothing") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  put(place.repository, "a", "content");
  way.proxy.stall();
  std::thread later([&] { place.quiet.cancel().request(SIGTERM); });
  CHECK(thrown_by([&] { place.repository.open("a"); }).code == ErrorCode::terminated);
  later.join();
  way.proxy.forward();
  // A lock is given back all the same.
  place.repository.remove("a");
  S3Place other(test::minio_options(), way.url);
  CHECK(other.repository.list("").empty());
}

TEST_CASE("fault: S3: a server that is away for a while") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  const test::PrivateServer server("minio");
  ClientOptions options;
  options.settings.endpoint = server.value("PRISM_TEST_S3");
  options.settings.access_key = server.value("PRISM_TEST_S3_ACCESS_KEY");
  options.settings.secret_key = server.value("PRISM_TEST_S3_SECRET_KEY");
  S3Place place(options, "s3://" + server.value("PRISM_TEST_S3_BUCKET"));
  const std::string bytes = many_bytes(30 * kMiB);
  const auto sink = place.repository.create("a");
  sink->write(std::string_view(bytes).substr(0, 10 * kMiB));
  server.kill();
  std::thread later([&] { server.restart(); });
  sink->write(std::string_view(bytes).substr(10 * kMiB));
  sink->finish();
  later.join();
  CHECK((text_of(*place.repository.open("a")) == bytes));
}

TEST_CASE("fault: S3: a server that is waited for") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  way.proxy.refuse();
  CHECK(trouble_at(way.options, way.url).code == ErrorCode::unavailable);
  way.options.wait = 30s;
  S3Place place(way.options, way.url);
  std::thread later([&] { way.proxy.forward(); });
  CHECK(place.repository.list("").empty());
  later.join();
}

TEST_CASE("fault: S3: wrong keys, and a bucket that is not there") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  const std::string url = test::new_s3_url();
  ClientOptions options = test::minio_options();
  options.settings.secret_key = "hidden-secret";
  const auto wrong = trouble_at(options, url);
  CHECK(wrong.code == ErrorCode::permission);
  CHECK(wrong.says("SignatureDoesNotMatch"));
  CHECK_FALSE(wrong.says("hidden"));
  options.settings.access_key = "nobody";
  const auto unknown = trouble_at(options, url);
  CHECK(unknown.code == ErrorCode::permission);
  CHECK(unknown.says("InvalidAccessKeyId"));
  S3Place nowhere(test::minio_options(), "s3://no-such-bucket/a");
  for (const auto& missing : {thrown_by([&] { nowhere.repository.list(""); }),
                              thrown_by([&] { nowhere.repository.open("a"); }),
                              thrown_by([&] { put(nowhere.repository, "a", "b"); })}) {
    CHECK(missing.code == ErrorCode::configuration);
    CHECK(missing.says("no such bucket"));
  }
}

TEST_CASE("fault: S3: a server that nobody knows by its certificate") {
  if (!test::has_service("PRISM_TEST_S3_TLS")) return;
  ClientOptions options;
  options.settings.endpoint = test::service("PRISM_TEST_S3_TLS").value();
  options.settings.access_key = test::service("PRISM_TEST_S3_TLS_ACCESS_KEY").value();
  options.settings.secret_key = test::service("PRISM_TEST_S3_TLS_SECRET_KEY").value();
  const auto thrown = trouble_at(options);
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.hint.find("PRISMCTL_S3_CA_FILE") != std::string::npos);
  const std::string folder = test::service("PRISM_TEST_TLS_DIR").value();
  options.settings.ca_file = folder + "/other-ca.crt";
  CHECK(trouble_at(options).code == ErrorCode::permission);
  options.settings.ca_file = folder + "/no-such-file";
  CHECK(trouble_at(options).code == ErrorCode::permission);
  options.settings.ca_file = folder + "/ca.crt";
  S3Place place(options);
  put(place.repository, "a", many_bytes(9 * kMiB));
  CHECK((text_of(*place.repository.open("a")) == many_bytes(9 * kMiB)));
}

TEST_CASE("fault: S3: a certificate of another host") {
  if (!test::has_service("PRISM_TEST_S3_TLS")) return;
  const test::PrivateServer server("minio-tls", {"--certificate", "wrong-host"});
  ClientOptions options;
  options.settings.endpoint = server.value("PRISM_TEST_S3_TLS");
  options.settings.access_key = server.value("PRISM_TEST_S3_TLS_ACCESS_KEY");
  options.settings.secret_key = server.value("PRISM_TEST_S3_TLS_SECRET_KEY");
  options.settings.ca_file = server.value("PRISM_TEST_TLS_DIR") + "/ca.crt";
  CHECK(trouble_at(options).code == ErrorCode::permission);
}

TEST_CASE("fault: S3: a lock keeps others away, and is given back after a signal too") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Proxied way;
  S3Place place(way.options, way.url);
  S3Place other(test::minio_options(), way.url);
  {
    const backup::RepositoryLock lock(place.repository, "backup", 0s, place.quiet.context());
    const auto thrown = thrown_by(
        [&] { backup::RepositoryLock(other.repository, "prune", 0s, other.quiet.context()); });
    CHECK(thrown.code == ErrorCode::locked);
    CHECK(thrown.says("backup"));
    place.quiet.cancel().request(SIGINT);
  }
  CHECK(other.repository.list("").empty());
  CHECK_NOTHROW(backup::RepositoryLock(other.repository, "prune", 0s, other.quiet.context()));
}

}  // namespace prism::s3
