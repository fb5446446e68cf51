#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism {

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  ///< http:// or https://
  std::vector<std::pair<std::string, std::string>> headers = {};
  ByteSource* body = nullptr;  ///< sent as it is read, to its end; what it throws ends all of it
  std::string_view text = {};  ///< a body that is there as a whole, and must live as long
};

struct HttpOptions {
  /// For connecting, and for how long nothing may move; 0: without limit.
  std::chrono::milliseconds timeout{30'000};
  /// How long the server may think between the end of the request and its answer; 0: without limit.
  std::chrono::milliseconds answer_timeout{30'000};
  std::filesystem::path ca_file = {};  ///< PEM, whom TLS trusts; empty: whom the system trusts
  bool http2 = false;                  ///< HTTP/2 (RFC 9113) from the first byte, as gRPC has it
};

/// One HTTP/1.1 request and its answer (RFC 9112), by libcurl; or one of HTTP/2. The answer's body
/// is read as it comes, so that neither body is ever held as a whole. Redirections are answers like
/// any other: what is in the headers goes to nobody else. A proxy of the environment is used, but
/// not for this machine itself. Used by one thread.
///
/// What is thrown names host and port: Error(unavailable) where the connection can't be made, is
/// cut or stands still for too long; Error(permission) where nobody knows who answers; Error(io)
/// for what is no HTTP.
class PRISM_API HttpExchange : public ByteSource {
 public:
  /// Returns once the head of the answer is there. `cancel` must outlive it, as must the request's
  /// body.
  HttpExchange(const HttpRequest& request, const HttpOptions& options, const Cancel& cancel);
  ~HttpExchange() override;
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  int status() const;
  /// `name` in lower case; empty where there is none. Once the body was read, those behind it too.
  std::string header(const std::string& name) const;
  /// Until when the server's certificate is good; nothing without TLS.
  std::optional<std::chrono::system_clock::time_point> certificate_end() const;

  /// Of the body.
  std::size_t read(std::span<char> into) override;
  /// The rest of the body, at most `limit` bytes of it.
  std::string text(std::size_t limit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prism
