#include <array>

#include <doctest/doctest.h>

#include <prism/repository/hash.hpp>

#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::repository {
namespace {

// FIPS 180-4 by the examples of NIST: of nothing, of "abc".
constexpr const char* kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class RefusingSink : public ByteSink {
 public:
  void write(std::string_view) override {}
  void finish() override { throw Error(ErrorCode::refused, "is there already"); }
};

}  // namespace

TEST_CASE("repository: what is written is counted and hashed on its way") {
  test::TextSink next;
  HashSink sink(next);
  sink.write("a");
  sink.write("");
  sink.write("bc");
  CHECK(next.text() == "abc");
  CHECK(sink.bytes() == 3);
  CHECK(sink.sha256().empty());
  CHECK_FALSE(next.finished());
  sink.finish();
  CHECK(next.finished());
  CHECK(next.text() == "abc");
  CHECK(sink.sha256() == kOfAbc);
  CHECK(sink.sha256() == kOfAbc);
}

TEST_CASE("repository: a sink without bytes has the hash of nothing") {
  test::TextSink next;
  HashSink sink(next);
  sink.finish();
  CHECK(sink.bytes() == 0);
  CHECK(sink.sha256() == kOfNothing);
}

TEST_CASE("repository: what could not be finished has no hash") {
  RefusingSink next;
  HashSink sink(next);
  sink.write("abc");
  CHECK(test::thrown_by([&] { sink.finish(); }).code == ErrorCode::refused);
  CHECK(sink.sha256().empty());
}

TEST_CASE("repository: what is read is counted and hashed, and has its hash at the end") {
  test::TextSource from("abc", 2);
  HashSource source(from);
  std::array<char, 8> into;
  CHECK(source.read(into) == 2);
  CHECK(source.read(into) == 1);
  CHECK(into[0] == 'c');
  CHECK(source.bytes() == 3);
  CHECK(source.sha256().empty());
  for (int again = 0; again < 2; ++again) {
    CHECK(source.read(into) == 0);
    CHECK(source.bytes() == 3);
    CHECK(source.sha256() == kOfAbc);
  }
}

TEST_CASE("repository: a source without bytes has the hash of nothing") {
  test::TextSource from("");
  HashSource source(from);
  CHECK(test::text_of(source).empty());
  CHECK(source.sha256() == kOfNothing);
}

}  // namespace prism::repository
