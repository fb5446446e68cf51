#include <future>
#include <memory>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/socket.hpp>

#include "support/services.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

std::string file(const std::string& name) {
  return test::service("PRISM_TEST_TLS_DIR").value() + "/" + name;
}

/// Echoes what one client sends, over TLS with a certificate of the tests' authority.
class Server {
 public:
  explicit Server(const std::string& certificate, bool asks_for_one = false)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_use_certificate_chain_file(context_.get(), file(certificate + ".crt").c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), file(certificate + ".key").c_str(),
                                SSL_FILETYPE_PEM);
    SSL_CTX_load_verify_locations(context_.get(), file("ca.crt").c_str(), nullptr);
    if (asks_for_one) {
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         nullptr);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(fd_.get(), 8);
    port = ntohs(address.sin_port);
    served_ = std::async(std::launch::async, [this] { serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    served_.wait();
  }

  std::uint16_t port = 0;

 private:
  void serve() const {
    const FileDescriptor peer(::accept(fd_.get(), nullptr, nullptr));
    if (!peer.valid()) return;
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl.get(), peer.get());
    if (SSL_accept(ssl.get()) != 1) return;
    char bytes[8192];
    for (int got; (got = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0;) {
      if (SSL_write(ssl.get(), bytes, got) <= 0) return;
    }
  }

  FileDescriptor fd_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::future<void> served_;
};

/// What comes back of `sent`.
std::string echoed(const Endpoint& endpoint, const TlsOptions& tls, std::string_view sent = "hi") {
  const Cancel cancel;
  Socket socket(endpoint, {.tls = tls}, cancel);
  std::string got;
  char bytes[16384];
  const std::size_t size = sent.size();
  while (got.size() < size) {
    sent.remove_prefix(socket.write_some(sent));
    const std::size_t some = socket.read_some(bytes);
    got.append(bytes, some);
    if (some == 0) socket.wait({.read = true, .write = !sent.empty()});
  }
  return got;
}

test::Thrown refusal(const Endpoint& endpoint, const TlsOptions& tls) {
  return test::thrown_by([&] { echoed(endpoint, tls); });
}

bool has_certificates() { return test::has_service("PRISM_TEST_TLS_DIR"); }

}  // namespace

TEST_CASE("base: TLS verifies who answers, by name and by address") {
  if (!has_certificates()) return;
  for (const char* const host : {"localhost", "127.0.0.1"}) {
    CAPTURE(host);
    const Server server("server");
    const std::string much(3'000'000, 'x');
    CHECK(echoed({.host = host, .port = server.port}, {.ca_file = file("ca.crt")}, much) == much);
  }
}

TEST_CASE("base: TLS refuses a certificate for another host, in words") {
  if (!has_certificates()) return;
  {
    const Server server("wrong-host");
    const auto thrown =
        refusal({.host = "localhost", .port = server.port}, {.ca_file = file("ca.crt")});
    CHECK(thrown.code == ErrorCode::permission);
    CHECK(thrown.says("its certificate is not accepted: hostname mismatch"));
    CHECK(thrown.hint.find("a name that the certificate bears") != std::string::npos);
  }
  const Server server("wrong-host");
  const auto thrown =
      refusal({.host = "127.0.0.1", .port = server.port}, {.ca_file = file("ca.crt")});
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.says("IP address mismatch"));
}

TEST_CASE("base: TLS refuses a certificate of an authority that is not trusted") {
  if (!has_certificates()) return;
  for (const std::string& ca : {file("other-ca.crt"), std::string()}) {
    CAPTURE(ca);
    const Server server("server");
    const auto thrown = refusal({.host = "localhost", .port = server.port}, {.ca_file = ca});
    CHECK(thrown.code == ErrorCode::permission);
    CHECK(thrown.says("its certificate is not accepted: "));
    CHECK(thrown.hint.find("CA file") != std::string::npos);
  }
}

TEST_CASE("base: TLS without verification takes any certificate") {
  if (!has_certificates()) return;
  const Server server("wrong-host");
  CHECK(echoed({.host = "localhost", .port = server.port}, {.verify = false}) == "hi");
}

TEST_CASE("base: TLS shows a certificate to a server that asks for one") {
  if (!has_certificates()) return;
  {
    const Server server("server", true);
    CHECK(echoed({.host = "localhost", .port = server.port},
                 {.ca_file = file("ca.crt"),
                  .certificate_file = file("client.crt"),
                  .key_file = file("client.key")}) == "hi");
  }
  const Server server("server", true);
  const auto thrown =
      refusal({.host = "localhost", .port = server.port}, {.ca_file = file("ca.crt")});
  CHECK((thrown.code == ErrorCode::permission || thrown.code == ErrorCode::unavailable));
}

TEST_CASE("base: TLS files that can't be used are named") {
  if (!has_certificates()) return;
  const test::Folder folder;
  const auto text = folder.write("x.pem", "no certificate");
  const Server server("server");
  const Endpoint endpoint{.host = "localhost", .port = server.port};
  const auto absent = refusal(endpoint, {.ca_file = folder / "none.crt"});
  CHECK(absent.code == ErrorCode::configuration);
  CHECK(absent.says("none.crt: the CA file is not there"));
  const auto wrong = refusal(endpoint, {.ca_file = text});
  CHECK(wrong.code == ErrorCode::configuration);
  CHECK(wrong.says("x.pem: cannot be used as the CA file"));
  const auto key = refusal(endpoint, {.ca_file = file("ca.crt"),
                                      .certificate_file = file("client.crt"),
                                      .key_file = file("server.key")});
  CHECK(key.code == ErrorCode::configuration);
  CHECK(key.says("server.key: cannot be used as the private key"));
}

}  // namespace prism
