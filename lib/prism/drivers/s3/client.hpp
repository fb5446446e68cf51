#pragma once

#include <optional>

#include <prism/base/backoff.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/s3/failure.hpp>
#include <prism/drivers/s3/transport.hpp>

namespace prism::s3 {

struct ClientOptions {
  config::S3Settings settings;
  std::chrono::seconds wait{0};  ///< for a server that can't be reached yet
};

/// Asks one bucket, and asks again when the server is busy or the connection is cut: every request
/// must have the same effect when it comes twice. Several threads may call.
class PRISM_API Client {
 public:
  /// Asks nothing yet. Throws Error(configuration) without keys. `log` and `cancel` must outlive
  /// this.
  Client(Address address, ClientOptions options, Log& log, const Cancel& cancel);
  ~Client();

  const Address& address() const { return transport_.address(); }

  /// Throws Failure for anything but a success (2xx).
  Answer send(const Request& request);

  /// One try; `answer` holds what came, also when it throws.
  void attempt(const Request& request, Answer& answer);

  /// See Transport.
  void reuse(std::string body) { transport_.reuse(std::move(body)); }

 private:
  friend class Retries;

  /// For messages.
  std::string place_of(const Request& request) const;

  Transport transport_;
  ClientOptions options_;
  Log& log_;
};

/// How often one request is tried again. Used by one thread.
class PRISM_API Retries {
 public:
  explicit Retries(Client& client, bool cleans_up = false)
      : client_(client), cleans_up_(cleans_up) {}

  /// Returns after a pause when the next try may go well; else throws the failure.
  void wait_after(const Failure& failure);
  /// Something of it went well: the time for it begins anew.
  void restart() { backoff_.reset(); }

 private:
  Backoff::Milliseconds limit() const;

  Client& client_;
  bool cleans_up_;
  std::optional<Backoff> backoff_;
};

}  // namespace prism::s3
