#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <prism/base/files.hpp>

namespace prism::test {

/// What a client of HttpServer asked.
struct HttpRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< by their names in lower case
  std::string body;

  std::string header(const std::string& name) const;
};

/// An HTTP/1.1 answer with a body.
std::string http_answer(int status, std::string_view body = {}, std::string_view headers = {});

/// Listens on the loopback, and answers as the script says. The bytes that this gives for a request
/// are sent as they are, and with `Connection: close` among them the connection is closed behind
/// them; nothing: it is closed instead. Several threads call it, one after the other.
class HttpServer {
 public:
  using Script = std::function<std::string(const HttpRequest&)>;

  explicit HttpServer(Script script);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// All that came, in their order.
  std::vector<HttpRequest> requests() const;

 private:
  void accept_all();
  void serve(int fd);

  Script script_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::vector<FileDescriptor> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace prism::test
