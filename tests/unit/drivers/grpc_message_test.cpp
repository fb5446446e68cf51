#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/drivers/grpc/health_message.hpp>

#include "support/thrown.hpp"

namespace prism::grpc {

using namespace std::string_literals;

TEST_CASE("grpc: a request names the service, and none for the server as a whole") {
  CHECK(health_request("") == "\0\0\0\0\0"s);
  CHECK(health_request("ab") == "\0\0\0\0\4\x0A\2ab"s);
  const std::string longer(300, 'x');
  CHECK(health_request(longer) == "\0\0\0\1\x2F\x0A\xAC\2"s + longer);
}

TEST_CASE("grpc: an answer says whether it serves, whatever else is in it") {
  CHECK(read_health_answer("\0\0\0\0\0"s) == Serving::unknown);
  CHECK(read_health_answer("\0\0\0\0\2\x08\1"s) == Serving::serving);
  CHECK(read_health_answer("\0\0\0\0\2\x08\2"s) == Serving::not_serving);
  CHECK(read_health_answer("\0\0\0\0\2\x08\x63"s) == Serving::unknown);
  CHECK(read_health_answer("\0\0\0\0\6\x12\2ab\x08\1"s) == Serving::serving);
  CHECK(read_health_answer("\0\0\0\0\x0B\x11"
                           "12345678\x08\1"s) == Serving::serving);
}

TEST_CASE("grpc: what is no such message is refused") {
  for (const std::string& message :
       {""s, "\0\0\0"s, "\1\0\0\0\0"s, "\0\0\0\0\5\x08\1"s, "\0\0\0\0\1\x08"s, "\0\0\0\0\2\x12\5"s,
        "\0\0\0\0\2\x0B\1"s, "\0\0\0\0\1\x80"s,
        "\0\0\0\0\x0B\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1"s}) {
    CHECK(test::thrown_by([&] { read_health_answer(message); }).code == ErrorCode::io);
  }
}

}  // namespace prism::grpc
