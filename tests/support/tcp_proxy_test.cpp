#include "support/tcp_proxy.hpp"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/temporary.hpp"

namespace prism::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

FileDescriptor tcp_socket() { return FileDescriptor(::socket(AF_INET, SOCK_STREAM, 0)); }

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

template <typename Address>
int listening(FileDescriptor& socket, Address address) {
  auto* general = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket.get(), general, size) == 0);
  REQUIRE(::listen(socket.get(), SOMAXCONN) == 0);
  ::getsockname(socket.get(), general, &size);
  if constexpr (std::is_same_v<Address, sockaddr_in>) return ntohs(address.sin_port);
  return 0;
}

/// Sends back what it gets, one connection after the other.
class Echo {
 public:
  Echo() : socket_(tcp_socket()), address_("127.0.0.1:") {
    address_ += std::to_string(listening(socket_, loopback(0)));
    thread_ = std::thread([this] { work(); });
  }
  explicit Echo(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)), address_(path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listening(socket_, address);
    thread_ = std::thread([this] { work(); });
  }
  ~Echo() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }

  const std::string& address() const { return address_; }

 private:
  void work() {
    for (;;) {
      const FileDescriptor client(::accept(socket_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      char bytes[4096];
      for (ssize_t got; (got = ::recv(client.get(), bytes, sizeof bytes, 0)) > 0;) {
        ::send(client.get(), bytes, static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }

  FileDescriptor socket_;
  std::string address_;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(const TcpProxy& proxy) : socket_(tcp_socket()) {
    const sockaddr_in address = loopback(proxy.port());
    const auto* general = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket_.get(), general, sizeof address) != 0) error_ = errno;
  }

  int error() const { return error_; }
  void send(const std::string& bytes) const {
    ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void end() const { ::shutdown(socket_.get(), SHUT_WR); }

  /// So many bytes, or fewer where the connection ends before; error() tells how.
  std::string receive(std::size_t size) {
    std::string all(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const ssize_t got = ::recv(socket_.get(), all.data() + have, size - have, 0);
      if (got < 0) error_ = errno;
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    all.resize(have);
    return all;
  }

  bool has_something() const {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }

 private:
  FileDescriptor socket_;
  int error_ = 0;
};

}  // namespace

TEST_CASE("tcp proxy: forwards both ways and counts") {
  const Echo echo;
  const TcpProxy proxy(echo.address());
  std::string much(1'000'000, 'x');
  much += "the end";
  {
    Client client(proxy);
    std::thread sender([&] { client.send(much); });
    CHECK(client.receive(much.size()) == much);
    sender.join();
    client.end();
    CHECK(client.receive(1).empty());
    CHECK(client.error() == 0);
  }
  CHECK(Client(proxy).error() == 0);
  CHECK(proxy.wait_for_connections(2));
  const auto counts = proxy.counts();
  CHECK(counts.connections == 2);
  CHECK(counts.forwarded[TcpProxy::to_server] == much.size());
  CHECK(counts.forwarded[TcpProxy::to_client] == much.size());
}

TEST_CASE("tcp proxy: reaches a server by its Unix socket") {
  const Folder folder;
  const Echo echo((folder / "echo.sock").string());
  const TcpProxy proxy(echo.address());
  Client client(proxy);
  client.send("hello");
  CHECK(client.receive(5) == "hello");
}

TEST_CASE("tcp proxy: cuts one connection behind a byte") {
  const Echo echo;
  TcpProxy proxy(echo.address());
  TcpProxy::Direction direction = TcpProxy::to_server;
  SUBCASE("to the server") { direction = TcpProxy::to_server; }
  SUBCASE("to the client") { direction = TcpProxy::to_client; }
  Client client(proxy);
  client.send("before");
  REQUIRE(client.receive(6) == "before");
  proxy.cut_after(direction, 1000);
  client.send(std::string(1500, 'x'));
  const std::string got = client.receive(1500);
  CHECK(client.error() == ECONNRESET);
  CHECK(proxy.counts().forwarded[direction] == 1006);
  if (direction == TcpProxy::to_client) CHECK(got.size() == 1000);

  Client next(proxy);
  next.send(std::string(1500, 'y'));
  CHECK(next.receive(1500).size() == 1500);
}

TEST_CASE("tcp proxy: stalls a running connection and goes on") {
  const Echo echo;
  TcpProxy proxy(echo.address());
  Client client(proxy);
  client.send("a");
  REQUIRE(client.receive(1) == "a");
  proxy.stall();
  client.send("b");
  Client another(proxy);
  REQUIRE(proxy.wait_for_connections(2));
  CHECK(proxy.counts().forwarded[TcpProxy::to_server] == 1);
  CHECK_FALSE(client.has_something());
  proxy.forward();
  CHECK(client.receive(1) == "b");
}

TEST_CASE("tcp proxy: refuses new connections only, and accepts them again") {
  const Echo echo;
  TcpProxy proxy(echo.address());
  Client client(proxy);
  client.send("a");
  REQUIRE(client.receive(1) == "a");
  proxy.refuse();
  CHECK(Client(proxy).error() == ECONNREFUSED);
  client.send("b");
  CHECK(client.receive(1) == "b");
  proxy.forward();
  CHECK(Client(proxy).error() == 0);
}

TEST_CASE("tcp proxy: cuts what there is") {
  const Echo echo;
  TcpProxy proxy(echo.address());
  Client client(proxy);
  client.send("a");
  REQUIRE(client.receive(1) == "a");
  proxy.cut();
  CHECK(client.receive(1).empty());
  CHECK(client.error() == ECONNRESET);
  CHECK(proxy.counts().open == 0);
}

TEST_CASE("tcp proxy: holds back for a time") {
  const Echo echo;
  TcpProxy proxy(echo.address());
  Client client(proxy);
  proxy.delay(milliseconds(50));
  const auto begun = Clock::now();
  client.send("hello");
  CHECK(client.receive(5) == "hello");
  CHECK(Clock::now() - begun >= milliseconds(100));
}

TEST_CASE("tcp proxy: a server that isn't there is a reset") {
  int port = 0;
  {
    FileDescriptor gone = tcp_socket();
    port = listening(gone, loopback(0));
  }
  const TcpProxy proxy("127.0.0.1:" + std::to_string(port));
  Client client(proxy);
  CHECK(client.receive(1).empty());
  CHECK(client.error() == ECONNRESET);
}

}  // namespace prism::test
