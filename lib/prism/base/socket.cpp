#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/socket.hpp>
#include <prism/base/tls.hpp>

namespace prism {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = Socket::Milliseconds;

/// Between two looks at whether the run was cancelled.
constexpr Milliseconds kSlice{100};

Error unreachable(const Endpoint& endpoint, const std::string& why) {
  return {ErrorCode::unavailable, endpoint.text() + ": " + why};
}

Error unreachable(const Endpoint& endpoint, const char* what, int error) {
  return unreachable(endpoint, std::string(what) + ": " + std::system_category().message(error));
}

std::string seconds_of(Milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                  : std::to_string(time.count()) + " ms";
}

/// The end of a time limit; 0 is none.
class Deadline {
 public:
  explicit Deadline(Milliseconds limit) : limited_(limit.count() > 0), end_(Clock::now() + limit) {}

  bool over() const { return limited_ && Clock::now() >= end_; }
  int slice() const {
    if (!limited_) return static_cast<int>(kSlice.count());
    const auto left = std::chrono::ceil<Milliseconds>(end_ - Clock::now());
    return static_cast<int>(std::clamp(left, Milliseconds(0), kSlice).count());
  }

 private:
  bool limited_;
  Clock::time_point end_;
};

/// Polls in slices until something is ready. False: the time is over.
bool poll_until(std::span<pollfd> fds, Milliseconds limit, const Cancel& cancel) {
  const Deadline deadline(limit);
  for (;;) {
    cancel.check();
    const int ready = ::poll(fds.data(), fds.size(), deadline.slice());
    if (ready > 0) return true;
    if (deadline.over()) return false;
  }
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const Endpoint& endpoint) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const std::string port = std::to_string(endpoint.port);
  int error = ::getaddrinfo(endpoint.host.c_str(), port.c_str(), &wanted, &list);
  if (error != 0) {  // AI_ADDRCONFIG hides ::1 where there is no other IPv6 address
    wanted.ai_flags = AI_NUMERICSERV;
    error = ::getaddrinfo(endpoint.host.c_str(), port.c_str(), &wanted, &list);
  }
  if (error != 0) {
    throw unreachable(endpoint, std::string("the host is not known: ") + ::gai_strerror(error));
  }
  return Addresses(list);
}

FileDescriptor open_socket(int family) {
  FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) throw system_error(errno, "socket");
  return fd;
}

/// Connects within the limit; the error number, 0 for none.
int connect_to(const FileDescriptor& fd, const sockaddr* address, socklen_t size,
               Milliseconds limit, const Cancel& cancel) {
  if (::connect(fd.get(), address, size) == 0) return 0;
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  pollfd one{fd.get(), POLLOUT, 0};
  if (!poll_until({&one, 1}, limit, cancel)) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

/// A peer that vanished without a word is noticed within some two minutes.
void tune(const FileDescriptor& fd) {
  const auto set = [&](int level, int option, int value) {
    ::setsockopt(fd.get(), level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

FileDescriptor connect_tcp(const Endpoint& endpoint, Milliseconds limit, const Cancel& cancel) {
  const Addresses addresses = resolve(endpoint);
  int error = 0;
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
    FileDescriptor fd = open_socket(at->ai_family);
    error = connect_to(fd, at->ai_addr, at->ai_addrlen, limit, cancel);
    if (error == 0) {
      tune(fd);
      return fd;
    }
  }
  throw unreachable(endpoint, "cannot connect", error);
}

FileDescriptor connect_unix(const Endpoint& endpoint, Milliseconds limit, const Cancel& cancel) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = endpoint.path.native();
  if (path.size() >= sizeof address.sun_path) {
    throw Error(ErrorCode::configuration,
                path + ": too long for a Unix socket, which has at most " +
                    std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  FileDescriptor fd = open_socket(AF_UNIX);
  const int error =
      connect_to(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address, limit, cancel);
  if (error == 0) return fd;
  if (error == EACCES || error == EPERM) throw system_error(error, path);
  throw unreachable(endpoint, "cannot connect", error);
}

}  // namespace

std::string Endpoint::text() const {
  if (host.empty()) return path.string();
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Socket::Socket(Endpoint endpoint, const SocketOptions& options, const Cancel& cancel)
    : endpoint_(std::move(endpoint)), timeout_(options.timeout), cancel_(&cancel) {
  fd_ = endpoint_.host.empty() ? connect_unix(endpoint_, timeout_, cancel)
                               : connect_tcp(endpoint_, timeout_, cancel);
  if (options.tls) encrypt(*options.tls);
}

Socket::Socket(Socket&&) noexcept = default;
Socket::~Socket() = default;

void Socket::encrypt(const TlsOptions& options) {
  tls_ = std::make_unique<tls::Session>(fd_.get(), endpoint_, options);
  const Deadline deadline(timeout_);
  for (;;) {
    const tls::Need need = tls_->handshake();
    if (need == tls::Need::nothing) return;
    pollfd one{fd_.get(), static_cast<short>(need == tls::Need::read ? POLLIN : POLLOUT), 0};
    if (!poll_until({&one, 1}, timeout_, *cancel_) || deadline.over()) {
      throw unreachable(endpoint_, "no TLS connection within " + seconds_of(timeout_));
    }
  }
}

std::size_t Socket::read_some(std::span<char> into) {
  if (tls_) return tls_->read(into);
  const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0) throw unreachable(endpoint_, "the connection was lost: closed by the server");
  if (errno == EAGAIN || errno == EINTR) return 0;
  throw unreachable(endpoint_, "the connection was lost", errno);
}

std::size_t Socket::write_some(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (tls_) return tls_->write(bytes);
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EINTR) return 0;
  throw unreachable(endpoint_, "the connection was lost", errno);
}

bool Socket::wait(Interest interest, int wake, Milliseconds limit) {
  if (interest.read && tls_ && tls_->pending()) return true;
  const auto event = [&](bool wanted, tls::Need need) {
    if (!wanted) return 0;
    return need == tls::Need::read ? POLLIN : POLLOUT;
  };
  const int events = event(interest.read, tls_ ? tls_->read_needs() : tls::Need::read) |
                     event(interest.write, tls_ ? tls_->write_needs() : tls::Need::write);
  pollfd fds[] = {{fd_.get(), static_cast<short>(events), 0}, {wake, POLLIN, 0}};
  if (!poll_until({fds, wake < 0 ? 1U : 2U}, limit, *cancel_)) {
    throw unreachable(endpoint_, "no answer within " + seconds_of(limit));
  }
  return fds[0].revents != 0;
}

void Socket::write_all(std::string_view bytes) {
  for (;;) {
    bytes.remove_prefix(write_some(bytes));
    if (bytes.empty()) return;
    wait({.read = false, .write = true});
  }
}

}  // namespace prism
