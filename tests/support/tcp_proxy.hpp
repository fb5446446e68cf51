#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

#include <prism/base/files.hpp>

namespace prism::test {

/// Stands between a client and a server and fails as it is told, for tests of faults. What is told
/// counts for the connections that there are too. Any thread may call; one of its own forwards.
class TcpProxy {
 public:
  using Milliseconds = std::chrono::milliseconds;
  enum Direction : std::size_t { to_server, to_client };

  struct Counts {
    std::uint64_t connections = 0;             ///< accepted ones, of all time
    std::uint64_t open = 0;                    ///< those that there are now
    std::array<std::uint64_t, 2> forwarded{};  ///< bytes, by Direction
  };

  /// Listens on a free port. `server`: HOST:PORT with a numeric host, or the path of a Unix socket.
  explicit TcpProxy(std::string server);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  /// 127.0.0.1:PORT
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// No fault any more: connections are accepted, and what was held back goes on.
  void forward();
  /// Accepts, and forwards nothing.
  void stall();
  /// New connections are refused; those that there are go on.
  void refuse();
  /// Resets all connections.
  void cut();
  /// Resets the one connection that forwards the last of the next `bytes`, just behind it. Once.
  void cut_after(Direction direction, std::uint64_t bytes);
  /// What is read from now on is held back for so long.
  void delay(Milliseconds time);
  /// What clients say from now on has `to` in place of `from`, as many bytes, where those come in
  /// one piece.
  void replace(std::string from, std::string to);

  Counts counts() const;
  /// Whether that many bytes have been forwarded, waiting for them.
  bool wait_for(Direction direction, std::uint64_t bytes,
                Milliseconds limit = std::chrono::seconds(30)) const;
  /// Whether that many connections have been accepted, waiting for them.
  bool wait_for_connections(std::uint64_t connections,
                            Milliseconds limit = std::chrono::seconds(30)) const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };

  /// One way of a connection.
  struct Way {
    int from = -1, to = -1;
    std::deque<Piece> held;
    std::size_t size = 0;
    bool ended = false;   ///< nothing more is read
    bool closed = false;  ///< and this has been handed on
  };

  struct Connection {
    FileDescriptor client, server;
    std::array<Way, 2> ways;
    bool broken = false;
  };

  void listen();
  void wake() const;
  template <typename Change>
  void change(Change&& change);

  void work();
  std::vector<pollfd> watched() const;
  short wanted(const Connection& connection, Direction reads) const;
  int time_left() const;
  void accept_one();
  void serve(Connection& connection);
  void take(Connection& connection, Way& way) const;
  void hand_on(Connection& connection, Direction direction);
  std::size_t allowed(Direction direction, std::size_t size) const;
  void note_forwarded(Connection& connection, Direction direction, std::size_t size);
  void remove_finished();

  const std::string server_;
  int port_ = 0;
  FileDescriptor wake_, listener_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ending_ = false, stalled_ = false, refusing_ = false;
  Milliseconds delay_{0};
  std::string from_, to_;
  std::array<std::optional<std::uint64_t>, 2> until_cut_;
  std::list<Connection> connections_;
  Counts counts_;
  std::thread thread_;
};

/// The host and port in a URL that names a user.
std::string authority_of(const std::string& url);

/// The URL of the same by way of a proxy.
std::string through(const TcpProxy& proxy, std::string url);

}  // namespace prism::test
