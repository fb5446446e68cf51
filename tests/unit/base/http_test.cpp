#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/base/http.hpp>

#include "support/http_server.hpp"
#include "support/tcp_proxy.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

using std::chrono::milliseconds;
using test::http_answer;
using test::HttpServer;
using test::thrown_by;

/// Gives `size` bytes, then throws where it is told to.
class Body : public ByteSource {
 public:
  explicit Body(std::size_t size, bool throws = false) : left_(size), throws_(throws) {}

  std::size_t read(std::span<char> into) override {
    if (left_ == 0 && throws_) throw Error(ErrorCode::bad_data, "the source is damaged");
    const std::size_t size = std::min({into.size(), left_, std::size_t{1000}});
    std::fill_n(into.begin(), size, 'b');
    left_ -= size;
    return size;
  }

 private:
  std::size_t left_;
  bool throws_;
};

std::string host_of(const HttpServer& server) { return server.url().substr(7); }

}  // namespace

TEST_CASE("http: a request and its answer") {
  const HttpServer server([](const test::HttpRequest&) {
    return http_answer(404, "not here", "X-Word: said\r\nConnection: close\r\n");
  });
  const Cancel cancel;
  HttpExchange exchange({"GET", server.url() + "/a/../b?c", {{"X-Token", "t"}}}, {}, cancel);
  CHECK(exchange.status() == 404);
  CHECK(exchange.header("x-word") == "said");
  CHECK(exchange.header("x-other") == "");
  CHECK(exchange.text(3) == "not");
  CHECK(exchange.text(100) == " here");
  CHECK(exchange.text(100) == "");
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests()[0].method == "GET");
  CHECK(server.requests()[0].header("x-token") == "t");
}

TEST_CASE("http: a large answer is read in pieces as it comes") {
  constexpr std::size_t kSize = 5'000'000;
  std::string sent(kSize, 'x');
  for (std::size_t i = 0; i < kSize; i += 997) sent[i] = static_cast<char>('a' + i % 26);
  const HttpServer server([&](const test::HttpRequest&) { return http_answer(200, sent); });
  const Cancel cancel;
  HttpExchange exchange({"GET", server.url()}, {}, cancel);
  CHECK(exchange.text(2 * kSize) == sent);
}

TEST_CASE("http: a body is sent as it is read, without its size") {
  const HttpServer server([](const test::HttpRequest& request) {
    return http_answer(200, std::to_string(request.body.size()));
  });
  const Cancel cancel;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'000}}) {
    Body body(size);
    HttpExchange exchange({"PUT", server.url(), {}, &body}, {}, cancel);
    CHECK(exchange.status() == 200);
    CHECK(exchange.text(100) == std::to_string(size));
    CHECK(server.requests().back().method == "PUT");
  }
}

TEST_CASE("http: what a body throws ends the exchange") {
  const HttpServer server([](const test::HttpRequest&) { return http_answer(200); });
  const Cancel cancel;
  Body body(100'000, true);
  const auto thrown = thrown_by([&] {
    HttpExchange({"PUT", server.url(), {}, &body}, {}, cancel);
  });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message == "the source is damaged");
}

TEST_CASE("http: a redirection is not followed") {
  const HttpServer other([](const test::HttpRequest&) { return http_answer(200); });
  const HttpServer server([&](const test::HttpRequest&) {
    return http_answer(307, "", "Location: " + other.url() + "/\r\n");
  });
  const Cancel cancel;
  HttpExchange exchange({"GET", server.url(), {{"X-Token", "t"}}}, {}, cancel);
  CHECK(exchange.status() == 307);
  CHECK(other.requests().empty());
}

TEST_CASE("http: an answer that is cut off is no whole one") {
  const std::string large(std::size_t{2} << 20, 'x');  // more than is held of it
  const HttpServer server([&](const test::HttpRequest& request) -> std::string {
    if (request.target == "/head") return "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    const std::string whole = http_answer(200, large, "Connection: close\r\n");
    return whole.substr(0, whole.size() - 3);
  });
  const Cancel cancel;
  HttpExchange exchange({"GET", server.url() + "/body"}, {}, cancel);
  for (const char* const reading : {"once", "again"}) {
    CAPTURE(reading);
    const auto cut = thrown_by([&] { exchange.text(2 * large.size()); });
    CHECK(cut.code == ErrorCode::unavailable);
    CHECK(cut.says(host_of(server) + ": "));
  }
  CHECK(thrown_by([&] {
          HttpExchange({"GET", server.url() + "/head"}, {}, cancel);
        }).code == ErrorCode::unavailable);
}

TEST_CASE("http: who answers nothing, or no HTTP, is told of") {
  const HttpServer closes([](const test::HttpRequest&) { return std::string(); });
  const HttpServer babbles(
      [](const test::HttpRequest&) { return std::string("+PONG\r\nConnection: close\r\n\r\n"); });
  const Cancel cancel;
  const auto refused = thrown_by([&] { HttpExchange({"GET", "http://127.0.0.1:1/"}, {}, cancel); });
  CHECK(refused.code == ErrorCode::unavailable);
  CHECK(refused.says("127.0.0.1:1: "));
  CHECK(thrown_by([&] {
          HttpExchange({"GET", closes.url()}, {}, cancel);
        }).code == ErrorCode::unavailable);
  CHECK(thrown_by([&] {
          HttpExchange({"GET", babbles.url()}, {}, cancel);
        }).code != ErrorCode::done);
  CHECK(thrown_by([&] {
          HttpExchange({"GET", "ftp://127.0.0.1:1/"}, {}, cancel);
        }).code == ErrorCode::io);
}

TEST_CASE("http: a server that stalls is given up, and has longer for an answer") {
  const HttpServer server([](const test::HttpRequest&) { return http_answer(200, "late"); });
  test::TcpProxy proxy(host_of(server));
  const Cancel cancel;
  proxy.delay(milliseconds(300));
  const HttpOptions patient{milliseconds(100), milliseconds(30'000)};
  CHECK(HttpExchange({"GET", "http://" + proxy.address()}, patient, cancel).text(10) == "late");
  proxy.stall();
  const auto thrown = thrown_by([&] {
    HttpExchange({"GET", "http://" + proxy.address()}, {milliseconds(30'000), milliseconds(100)},
                 cancel);
  });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.message == proxy.address() + ": said nothing and took nothing for 100 ms");
}

TEST_CASE("http: a signal ends what waits") {
  const HttpServer server([](const test::HttpRequest&) { return http_answer(200); });
  test::TcpProxy proxy(host_of(server));
  proxy.stall();
  Cancel cancel;
  std::thread signal([&] {
    proxy.wait_for_connections(1);
    cancel.request(15);
  });
  const auto thrown = thrown_by([&] {
    HttpExchange({"GET", "http://" + proxy.address()}, {}, cancel);
  });
  signal.join();
  CHECK(thrown.code == ErrorCode::terminated);
}

}  // namespace prism
