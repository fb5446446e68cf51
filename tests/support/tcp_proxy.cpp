#include "support/tcp_proxy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace prism::test {
namespace {

/// What is held of one way at most: then the sender waits, as with a slow server.
constexpr std::size_t kMostHeld = 256 * 1024;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

FileDescriptor new_socket(int family, int flags = 0) {
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!socket.valid()) fail("socket");
  return socket;
}

sockaddr_in loopback(int port, const char* host = "127.0.0.1") {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    throw std::invalid_argument(std::string(host) + " is not a numeric address");
  }
  return address;
}

template <typename Address>
FileDescriptor connected(const Address& address, int family) {
  FileDescriptor socket = new_socket(family);
  const timeval limit{5, 0};  // of the connect too
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const auto* general = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), general, sizeof address) != 0) return {};
  return socket;
}

FileDescriptor connected_to(const std::string& server) {
  if (server.starts_with('/')) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (server.size() >= sizeof address.sun_path) throw std::invalid_argument(server);
    server.copy(address.sun_path, server.size());
    return connected(address, AF_UNIX);
  }
  const auto colon = server.rfind(':');
  const std::string host = server.substr(0, colon);
  return connected(loopback(std::stoi(server.substr(colon + 1)), host.c_str()), AF_INET);
}

void send_at_once(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/// Its end is told by a reset, not by an orderly close.
void reset_when_closed(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool would_block() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

// ---- what the test calls
// -------------------------------------------------------------------------

TcpProxy::TcpProxy(std::string server)
    : server_(std::move(server)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  listen();
  thread_ = std::thread([this] { work(); });
}

TcpProxy::~TcpProxy() {
  change([&] { ending_ = true; });
  thread_.join();
}

/// While it refuses, the port is kept but not listened on. A poll that goes on keeps a closed
/// listener alive, so it is shut down first.
void TcpProxy::listen() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  listener_ = {};
  listener_ = new_socket(AF_INET, SOCK_NONBLOCK);
  const int yes = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = loopback(port_);
  auto* general = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener_.get(), general, size) != 0) fail("bind");
  if (!refusing_ && ::listen(listener_.get(), SOMAXCONN) != 0) fail("listen");
  if (::getsockname(listener_.get(), general, &size) != 0) fail("getsockname");
  port_ = ntohs(address.sin_port);
}

void TcpProxy::wake() const { ::eventfd_write(wake_.get(), 1); }

template <typename Change>
void TcpProxy::change(Change&& change) {
  const std::lock_guard lock(mutex_);
  change();
  wake();
}

void TcpProxy::forward() {
  change([&] {
    stalled_ = false;
    delay_ = Milliseconds(0);
    until_cut_ = {};
    if (std::exchange(refusing_, false)) listen();
  });
}

void TcpProxy::stall() {
  change([&] { stalled_ = true; });
}

void TcpProxy::refuse() {
  change([&] {
    if (!std::exchange(refusing_, true)) listen();
  });
}

void TcpProxy::cut() {
  change([&] {
    for (Connection& connection : connections_) connection.broken = true;
    remove_finished();
  });
}

void TcpProxy::cut_after(Direction direction, std::uint64_t bytes) {
  change([&] { until_cut_[direction] = std::max<std::uint64_t>(bytes, 1); });
}

void TcpProxy::delay(Milliseconds time) {
  change([&] { delay_ = time; });
}

void TcpProxy::replace(std::string from, std::string to) {
  change([&] {
    from_ = std::move(from);
    to_ = std::move(to);
  });
}

TcpProxy::Counts TcpProxy::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.open = connections_.size();
  return counts;
}

bool TcpProxy::wait_for(Direction direction, std::uint64_t bytes, Milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return counts_.forwarded[direction] >= bytes; });
}

bool TcpProxy::wait_for_connections(std::uint64_t connections, Milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return counts_.connections >= connections; });
}

// ---- its thread
// ----------------------------------------------------------------------------------

void TcpProxy::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    accept_one();
    if (!stalled_) {
      for (Connection& connection : connections_) serve(connection);
    }
    remove_finished();
    changed_.notify_all();
    std::vector<pollfd> files = watched();
    const int limit = time_left();
    lock.unlock();
    ::poll(files.data(), files.size(), limit);
    eventfd_t woken = 0;
    ::eventfd_read(wake_.get(), &woken);
    lock.lock();
  }
}

std::vector<pollfd> TcpProxy::watched() const {
  std::vector<pollfd> files{{wake_.get(), POLLIN, 0}};
  if (!refusing_) files.push_back({listener_.get(), POLLIN, 0});
  if (stalled_) return files;
  for (const Connection& connection : connections_) {
    for (const auto& [file, reads] : {std::pair{connection.client.get(), to_server},
                                      std::pair{connection.server.get(), to_client}}) {
      if (const short events = wanted(connection, reads)) files.push_back({file, events, 0});
    }
  }
  return files;
}

/// Of the socket that the way `reads` reads from, and the other one writes to.
short TcpProxy::wanted(const Connection& connection, Direction reads) const {
  const Way& in = connection.ways[reads];
  const Way& out = connection.ways[1 - reads];
  short events = 0;
  if (!in.ended && in.size < kMostHeld) events |= POLLIN;
  if (!out.held.empty() && out.held.front().due <= Clock::now()) events |= POLLOUT;
  return events;
}

/// Until the first piece is due, for poll.
int TcpProxy::time_left() const {
  constexpr int kForever = -1;
  if (stalled_) return kForever;
  std::optional<Clock::time_point> first;
  for (const Connection& connection : connections_) {
    for (const Way& way : connection.ways) {
      if (way.held.empty() || way.held.front().due <= Clock::now()) continue;
      first = std::min(first.value_or(way.held.front().due), way.held.front().due);
    }
  }
  if (!first) return kForever;
  const auto left = std::chrono::ceil<Milliseconds>(*first - Clock::now());
  return static_cast<int>(std::max<Milliseconds::rep>(0, left.count()));
}

void TcpProxy::accept_one() {
  if (refusing_) return;
  FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client.valid()) return;
  wake();  // there may be more of them
  ++counts_.connections;
  FileDescriptor server = connected_to(server_);
  if (!server.valid()) return reset_when_closed(client.get());
  send_at_once(client.get());
  send_at_once(server.get());
  const int from = client.get();
  const int to = server.get();
  Connection& made = connections_.emplace_back();
  made.client = std::move(client);
  made.server = std::move(server);
  made.ways[to_server].from = made.ways[to_client].to = from;
  made.ways[to_server].to = made.ways[to_client].from = to;
}

void TcpProxy::serve(Connection& connection) {
  for (const Direction direction : {to_server, to_client}) {
    take(connection, connection.ways[direction]);
    hand_on(connection, direction);
  }
}

void TcpProxy::take(Connection& connection, Way& way) const {
  if (way.ended || way.size >= kMostHeld) return;
  std::string bytes(64 * 1024, '\0');
  const ssize_t got = ::recv(way.from, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0) {
    if (!would_block()) connection.broken = true;
    return;
  }
  if (got == 0) {
    way.ended = true;
    return;
  }
  bytes.resize(static_cast<std::size_t>(got));
  const auto found =
      from_.empty() || &way == &connection.ways[to_client] ? std::string::npos : bytes.find(from_);
  if (found != std::string::npos) bytes.replace(found, from_.size(), to_);
  way.size += bytes.size();
  way.held.push_back({Clock::now() + delay_, std::move(bytes)});
}

void TcpProxy::hand_on(Connection& connection, Direction direction) {
  Way& way = connection.ways[direction];
  while (!connection.broken && !way.held.empty() && way.held.front().due <= Clock::now()) {
    std::string& bytes = way.held.front().bytes;
    const ssize_t sent =
        ::send(way.to, bytes.data(), allowed(direction, bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (!would_block()) connection.broken = true;
      return;
    }
    bytes.erase(0, static_cast<std::size_t>(sent));
    note_forwarded(connection, direction, static_cast<std::size_t>(sent));
    if (bytes.empty()) way.held.pop_front();
  }
  if (way.ended && way.held.empty() && !std::exchange(way.closed, true)) {
    ::shutdown(way.to, SHUT_WR);
  }
}

std::size_t TcpProxy::allowed(Direction direction, std::size_t size) const {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(size, until_cut_[direction].value_or(size)));
}

void TcpProxy::note_forwarded(Connection& connection, Direction direction, std::size_t size) {
  connection.ways[direction].size -= size;
  counts_.forwarded[direction] += size;
  auto& left = until_cut_[direction];
  if (!left) return;
  *left -= size;
  if (*left > 0) return;
  left.reset();
  connection.broken = true;
}

void TcpProxy::remove_finished() {
  connections_.remove_if([](const Connection& connection) {
    if (connection.broken) {
      reset_when_closed(connection.client.get());
      reset_when_closed(connection.server.get());
    }
    return connection.broken ||
           (connection.ways[to_server].closed && connection.ways[to_client].closed);
  });
}

std::string authority_of(const std::string& url) {
  const auto begin = url.find('@') + 1;
  return url.substr(begin, url.find('/', begin) - begin);
}

std::string through(const TcpProxy& proxy, std::string url) {
  const std::string authority = authority_of(url);
  return url.replace(url.find(authority), authority.size(), proxy.address());
}

}  // namespace prism::test
