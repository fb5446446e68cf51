#include <csignal>
#include <future>
#include <thread>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/socket.hpp>

#include "support/services.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

using std::chrono::milliseconds;

/// Listens on the loopback, or on a Unix socket.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(fd_.get(), 8);
    endpoint = {.host = "127.0.0.1", .port = ntohs(address.sin_port)};
  }
  explicit Listener(const std::filesystem::path& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(fd_.get(), 8);
    endpoint = {.path = path};
  }

  FileDescriptor accept() const { return FileDescriptor(::accept(fd_.get(), nullptr, nullptr)); }
  void close() { fd_.reset(); }

  Endpoint endpoint;

 private:
  FileDescriptor fd_;
};

/// Reads until so many bytes have come.
std::string read_all(Socket& socket, std::size_t size) {
  std::string all;
  char bytes[4096];
  while (all.size() < size) {
    const std::size_t got = socket.read_some(bytes);
    all.append(bytes, got);
    if (got == 0) socket.wait({});
  }
  return all;
}

void echo(const FileDescriptor& peer) {
  char bytes[8192];
  for (ssize_t got; (got = ::read(peer.get(), bytes, sizeof bytes)) > 0;) {
    for (ssize_t sent = 0; sent < got;) {
      const ssize_t step = ::write(peer.get(), bytes + sent, static_cast<std::size_t>(got - sent));
      if (step <= 0) return;
      sent += step;
    }
  }
}

/// Sends far more than fits into buffers while it reads what comes back.
bool survives_full_duplex(Socket& socket) {
  std::string sent;
  for (int i = 0; sent.size() < 8'000'000; ++i) sent += std::to_string(i);
  std::string got;
  std::string_view left = sent;
  char bytes[65536];
  while (got.size() < sent.size()) {
    left.remove_prefix(socket.write_some(left));
    const std::size_t size = socket.read_some(bytes);
    got.append(bytes, size);
    if (size == 0) socket.wait({.read = true, .write = !left.empty()});
  }
  return got == sent;
}

}  // namespace

TEST_CASE("base: a socket carries bytes both ways at once, by TCP and by a Unix socket") {
  const test::Folder folder;
  Listener tcp, unix_socket(folder / "s.sock");
  const Cancel cancel;
  for (Listener* const listener : {&tcp, &unix_socket}) {
    CAPTURE(listener->endpoint.text());
    auto served = std::async(std::launch::async, [&] { echo(listener->accept()); });
    {
      Socket socket(listener->endpoint, {}, cancel);
      socket.write_all("hello");
      CHECK(read_all(socket, 5) == "hello");
      CHECK(survives_full_duplex(socket));
    }
    served.get();
  }
}

TEST_CASE("base: endpoints are written for people") {
  CHECK(Endpoint{.host = "h", .port = 7}.text() == "h:7");
  CHECK(Endpoint{.host = "::1", .port = 7}.text() == "[::1]:7");
  CHECK(Endpoint{.path = "/run/x"}.text() == "/run/x");
}

TEST_CASE("base: nobody there is unavailable, in words with the endpoint") {
  Listener listener;
  const Endpoint endpoint = listener.endpoint;
  listener.close();
  const Cancel cancel;
  const auto refused = test::thrown_by([&] { Socket(endpoint, {}, cancel); });
  CHECK(refused.code == ErrorCode::unavailable);
  CHECK(refused.says(endpoint.text() + ": cannot connect: Connection refused"));
  const auto unknown =
      test::thrown_by([&] { Socket({.host = "no-such-host.invalid", .port = 1}, {}, cancel); });
  CHECK(unknown.code == ErrorCode::unavailable);
  CHECK(unknown.says("no-such-host.invalid:1: the host is not known"));
  const auto absent = test::thrown_by([&] { Socket({.path = "/nowhere/s"}, {}, cancel); });
  CHECK(absent.code == ErrorCode::unavailable);
  CHECK(absent.says("/nowhere/s: cannot connect"));
  const auto longer =
      test::thrown_by([&] { Socket({.path = "/" + std::string(200, 'x')}, {}, cancel); });
  CHECK(longer.code == ErrorCode::configuration);
}

TEST_CASE("base: a server that closes or says nothing is unavailable") {
  Listener listener;
  const Cancel cancel;
  Socket socket(listener.endpoint, {.timeout = milliseconds(60)}, cancel);
  FileDescriptor peer = listener.accept();
  const auto silent = test::thrown_by([&] { socket.wait({}); });
  CHECK(silent.code == ErrorCode::unavailable);
  CHECK(silent.says("no answer within 60 ms"));
  peer.reset();
  char byte = 0;
  CHECK(socket.wait({}));
  const auto closed = test::thrown_by([&] { socket.read_some({&byte, 1}); });
  CHECK(closed.code == ErrorCode::unavailable);
  CHECK(closed.says("the connection was lost: closed by the server"));
  // The first write makes the other side reset it; none raises SIGPIPE.
  const auto broken = test::thrown_by([&] {
    for (int i = 0; i < 1000; ++i) socket.write_all("x");
  });
  CHECK(broken.code == ErrorCode::unavailable);
}

TEST_CASE("base: a wait ends when it is woken or cancelled") {
  Listener listener;
  Cancel cancel;
  Socket socket(listener.endpoint, {}, cancel);
  const FileDescriptor event(::eventfd(1, EFD_CLOEXEC));
  CHECK_FALSE(socket.wait({}, event.get()));
  CHECK(socket.wait({.read = true, .write = true}, event.get()));
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(30));
    cancel.request(SIGTERM);
  });
  const auto ended = test::thrown_by([&] { socket.wait({}); });
  CHECK(ended.code == ErrorCode::terminated);
}

TEST_CASE("base: TLS that nobody answers ends with the time limit") {
  Listener listener;
  const Cancel cancel;
  const auto thrown = test::thrown_by([&] {
    Socket(listener.endpoint, {.tls = TlsOptions{}, .timeout = milliseconds(60)}, cancel);
  });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.says("no TLS connection within 60 ms"));
}

}  // namespace prism
