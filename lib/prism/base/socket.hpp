#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/files.hpp>

namespace prism {

/// Where a server listens.
struct PRISM_API Endpoint {
  std::string host = {};  ///< a name or an address, IPv6 without brackets; empty: `path` counts
  std::uint16_t port = 0;
  std::filesystem::path path = {};  ///< of a Unix socket

  /// `host:port`, `[::1]:port`, or the path: for people and for keys of maps.
  std::string text() const;
  bool operator==(const Endpoint&) const = default;
};

/// How a connection is encrypted.
struct TlsOptions {
  /// The certificate must be signed by who is trusted, be valid today and name the host. Without
  /// it nobody knows who answers.
  bool verify = true;
  std::filesystem::path ca_file = {};           ///< PEM; empty: whom the system trusts
  std::filesystem::path certificate_file = {};  ///< PEM; shown to a server that asks for one
  std::filesystem::path key_file = {};          ///< PEM; empty: in certificate_file
};

struct SocketOptions {
  std::optional<TlsOptions> tls = {};
  /// For connecting, and for every wait that names no limit of its own; 0: none.
  std::chrono::milliseconds timeout{5000};
};

namespace tls {
class Session;
}

/// A connection to a server: TCP, a Unix socket, or TLS over TCP. Nothing but the constructor and
/// `wait` ever waits, so one thread can serve both directions. Used by one thread. Errors are
/// Error(unavailable) for what a later try may mend (refused, reset, closed, time over) and
/// Error(permission) for certificates; both name the endpoint.
class PRISM_API Socket {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// What wait() is to wait for.
  struct Interest {
    bool read = true;
    bool write = false;
  };

  /// Connects, within the time limit; throws as well when cancelled. `cancel` must outlive it.
  Socket(Endpoint endpoint, const SocketOptions& options, const Cancel& cancel);
  Socket(Socket&&) noexcept;
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  /// As much as is there, at most `into.size()`; 0: nothing yet. Throws once the other side closed.
  std::size_t read_some(std::span<char> into);

  /// As much as goes without waiting; 0: nothing now.
  std::size_t write_some(std::string_view bytes);

  /// Returns true once something of the interest may go on, false once `wake` can be read (an
  /// eventfd or pipe of the caller's; -1: none). Throws when the time limit is over, or cancelled.
  bool wait(Interest interest, int wake = -1) { return wait(interest, wake, timeout_); }
  bool wait(Interest interest, int wake, Milliseconds limit);

  /// Writes all of it, waiting where it must; what comes in meanwhile is left alone.
  void write_all(std::string_view bytes);

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  void connect();
  void encrypt(const TlsOptions& options);

  Endpoint endpoint_;
  Milliseconds timeout_;
  const Cancel* cancel_;
  FileDescriptor fd_;
  std::unique_ptr<tls::Session> tls_;
};

}  // namespace prism
