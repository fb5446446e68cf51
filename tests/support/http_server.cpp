#include "support/http_server.hpp"

#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <prism/base/text.hpp>

namespace prism::test {
namespace {

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Reads from one connection.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}

  /// Nothing once the client has closed.
  std::optional<HttpRequest> next() {
    const auto head = take_until("\r\n\r\n");
    if (!head) return std::nullopt;
    HttpRequest request = parsed(*head);
    if (!request.header("expect").empty()) send_all(fd_, "HTTP/1.1 100 Continue\r\n\r\n");
    const std::string size = request.header("content-length");
    const bool chunked = request.header("transfer-encoding") == "chunked";
    const auto body = chunked ? take_chunks() : take(size.empty() ? 0 : std::stoul(size));
    if (!body) return std::nullopt;
    request.body = *body;
    return request;
  }

 private:
  static HttpRequest parsed(const std::string& head) {
    std::istringstream lines(head);
    HttpRequest request;
    lines >> request.method >> request.target;
    for (std::string line; std::getline(lines, line);) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      request.headers[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    }
    return request;
  }

  std::optional<std::string> take_chunks() {
    constexpr std::size_t kLineEnd = 2;
    for (std::string body;;) {
      const auto size = take_until("\r\n");
      const auto chunk = size ? take(std::stoul(*size, nullptr, 16)) : std::nullopt;
      if (!chunk || !take(kLineEnd)) return std::nullopt;
      if (chunk->empty()) return body;
      body += *chunk;
    }
  }

  bool more() {
    char block[65536];
    const ssize_t size = ::recv(fd_, block, sizeof block, 0);
    if (size <= 0) return false;
    held_.append(block, static_cast<std::size_t>(size));
    return true;
  }

  std::optional<std::string> take(std::size_t size) {
    while (held_.size() < size) {
      if (!more()) return std::nullopt;
    }
    std::string taken = held_.substr(0, size);
    held_.erase(0, size);
    return taken;
  }

  std::optional<std::string> take_until(std::string_view mark) {
    for (;;) {
      const auto found = held_.find(mark);
      if (found != std::string::npos) return take(found + mark.size());
      if (!more()) return std::nullopt;
    }
  }

  int fd_;
  std::string held_;
};

}  // namespace

std::string HttpRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string http_answer(int status, std::string_view body, std::string_view headers) {
  return fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

HttpServer::HttpServer(Script script)
    : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  ::listen(listener_.get(), 16);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (const FileDescriptor& fd : open_) ::shutdown(fd.get(), SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::accept_all() {
  for (;;) {
    FileDescriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd.valid()) return;
    threads_.emplace_back([this, fd = fd.get()] { serve(fd); });
    open_.push_back(std::move(fd));
  }
}

void HttpServer::serve(int fd) {
  Reader reader(fd);
  while (const auto request = reader.next()) {
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
      answer = script_(*request);
    }
    const bool last = answer.find("\r\nConnection: close\r\n") != std::string::npos;
    if (answer.empty() || !send_all(fd, answer) || last) break;
  }
  ::shutdown(fd, SHUT_RDWR);
}

}  // namespace prism::test
