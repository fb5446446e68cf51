#include <doctest/doctest.h>

#include <prism/drivers/neo4j/connection.hpp>

#include "support/bolt_server.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using namespace std::string_literals;
using test::BoltPeer;
using test::BoltServer;
using test::Thrown;

Login login_for(const std::string& url, int timeout = 5000) {
  config::Neo4jSettings settings;
  settings.timeout = std::chrono::milliseconds(timeout);
  settings.password = "hunter2";
  return {parse_address(url), settings};
}

Thrown refusal(const std::string& url, int timeout = 5000) {
  const Cancel cancel;
  return test::thrown_by(
      [&] { Connection(parse_address(url).endpoint, login_for(url, timeout), cancel); });
}

/// What a client says of a server that answers its handshake with that.
Thrown answered(const std::string& answer) {
  const BoltServer server([&](BoltPeer& peer) { peer.handshake(answer); });
  return refusal(server.url());
}

/// The LOGON that a server gets.
BoltPeer::Message logon_with(const config::Neo4jSettings& settings) {
  BoltPeer::Message logon;
  {
    const BoltServer server([&](BoltPeer& peer) {
      peer.handshake();
      peer.receive();
      logon = peer.receive();
      peer.success();
      peer.success();
      peer.hold();
    });
    const Cancel cancel;
    const Connection connection(server.endpoint(), {parse_address(server.url()), settings}, cancel);
  }
  return logon;
}

}  // namespace

TEST_CASE("neo4j: the offer has Bolt 5 down to 4.4, then what only too old servers take") {
  std::string offer;
  {
    const BoltServer server([&](BoltPeer& peer) { offer = peer.handshake(); });
    refusal(server.url());
  }
  CHECK(offer == "\x60\x60\xB0\x17\0\x08\x08\x05\0\0\x04\x04\0\x03\x03\x04\0\0\0\x03"s);
}

TEST_CASE("neo4j: a port that speaks no Bolt is told in words") {
  const Thrown http = answered("HTTP/1.1 400 Bad Request\r\n\r\n");
  CHECK(http.code == ErrorCode::configuration);
  CHECK(http.says("answers HTTP, Bolt was expected"));
  CHECK(http.hint.find("7687") != std::string::npos);
  const Thrown ssh = answered("SSH-2.0-x\r\n");
  CHECK(ssh.code == ErrorCode::configuration);
  CHECK(ssh.says("answers 53 53 48 2D, which is no Bolt that we know"));
  const Thrown tls = answered("\x15\x03\x01\x00\x02\x02\x46"s);
  CHECK(tls.code == ErrorCode::configuration);
  CHECK(tls.says("takes only encrypted connections"));
  CHECK(tls.hint.find("bolt+s://") != std::string::npos);
}

TEST_CASE("neo4j: a server that is too old is told with what it speaks") {
  const Thrown old = answered("\0\0\1\4"s);
  CHECK(old.code == ErrorCode::configuration);
  CHECK(old.says("is too old: it speaks Bolt 4.1, 4.4 or newer was expected"));
  CHECK(answered("\0\0\0\3"s).says("it speaks Bolt 3.0"));
  const Thrown none = answered("\0\0\0\0"s);
  CHECK(none.code == ErrorCode::configuration);
  CHECK(none.says("speaks no Bolt from 4.4 to 5.8"));
}

TEST_CASE("neo4j: silence and a hang-up at the handshake are unavailable, with a hint") {
  const BoltServer silent([](BoltPeer& peer) { peer.hold(); });
  const Thrown silence = refusal(silent.url(), 300);
  CHECK(silence.code == ErrorCode::unavailable);
  CHECK(silence.says("no answer within 300 ms (Bolt handshake)"));
  CHECK(silence.hint.find("Bolt port") != std::string::npos);
  const Thrown closed = answered("");
  CHECK(closed.code == ErrorCode::unavailable);
  CHECK(closed.says("(Bolt handshake)"));
  CHECK(closed.hint.find("bolt+s://") != std::string::npos);
}

TEST_CASE("neo4j: nobody there, and a port without TLS, are unavailable") {
  std::uint16_t port = 0;
  {
    const BoltServer gone([](BoltPeer&) {});
    port = gone.endpoint().port;
  }
  const Thrown refused = refusal("bolt://127.0.0.1:" + std::to_string(port));
  CHECK(refused.code == ErrorCode::unavailable);
  CHECK(refused.says("Connection refused"));
  const BoltServer plain([](BoltPeer& peer) { peer.handshake(""); });
  const Thrown no_tls = refusal(plain.url("bolt+s"));
  CHECK(no_tls.code == ErrorCode::unavailable);
  CHECK(no_tls.hint.find("bolt://") != std::string::npos);
}

TEST_CASE("neo4j: since Bolt 5.1 the login is a message of its own, sent with the first") {
  BoltPeer::Message hello, logon;
  {
    const BoltServer server([&](BoltPeer& peer) {
      peer.handshake();
      hello = peer.receive();
      logon = peer.receive();
      peer.success({{{"server", "Neo4j/5.13.0"}}});
      peer.success();
      peer.hold();
    });
    const Cancel cancel;
    const Connection connection(server.endpoint(), login_for(server.url()), cancel);
    CHECK(connection.version() == Version{5, 4});
    CHECK(connection.server() == "Neo4j/5.13.0");
    CHECK(connection.is_idle());
  }
  CHECK(hello.entry("credentials").is_null());
  CHECK(hello.entry("user_agent").get<std::string>()->starts_with("prismctl/"));
  CHECK(hello.entry("routing").is_null());
  CHECK(logon.entry("scheme") == "basic");
  CHECK(logon.entry("principal") == "neo4j");
  CHECK(logon.entry("credentials") == "hunter2");
}

TEST_CASE("neo4j: Bolt 4.4 logs in with its first message and asks for times in UTC") {
  BoltPeer::Message hello;
  std::string address;
  {
    const BoltServer server([&](BoltPeer& peer) {
      peer.handshake("\0\0\4\4"s);
      hello = peer.receive();
      peer.success({{{"patch_bolt", List{"utc"}}}});
      peer.hold();
    });
    const Cancel cancel;
    const Connection connection(server.endpoint(), login_for(server.url("neo4j")), cancel);
    CHECK(connection.version() == Version{4, 4});
    address = server.endpoint().text();
  }
  CHECK(hello.entry("credentials") == "hunter2");
  CHECK(hello.entry("patch_bolt") == List{"utc"});
  CHECK(hello.entry("routing") == Map{{{"address", address}}});
  CHECK(hello.entry("bolt_agent").is_null());
}

TEST_CASE("neo4j: a token is given as such, and no password as nothing") {
  config::Neo4jSettings settings;
  CHECK(logon_with(settings).entry("scheme") == "none");
  settings.token = "t0ken";
  const BoltPeer::Message logon = logon_with(settings);
  CHECK(logon.entry("scheme") == "bearer");
  CHECK(logon.entry("credentials") == "t0ken");
}

TEST_CASE("neo4j: a login that is refused is permission, and its words hold no password") {
  const BoltServer server([&](BoltPeer& peer) {
    peer.handshake();
    peer.expect({0x01, 0x6A});
    peer.success();
    peer.failure("Neo.ClientError.Security.Unauthorized", "no neo4j with hunter2");
  });
  const Thrown refused = refusal(server.url());
  CHECK(refused.code == ErrorCode::permission);
  CHECK(refused.says("user and password are not accepted"));
  CHECK_FALSE(refused.says("hunter2"));
  CHECK(server.connections() == 1);
}

}  // namespace prism::neo4j
