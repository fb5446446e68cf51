// Objects of S3 that are many or large, and writers that get in each other's way, on MinIO.
#include <atomic>
#include <csignal>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <prism/base/parallel.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/multipart.hpp>
#include <prism/drivers/s3/objects.hpp>

#include "support/s3.hpp"
#include "support/services.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::s3 {
namespace {

using test::kMiB;
using test::many_bytes;
using test::put;
using test::S3Place;
using test::text_of;
using test::thrown_by;
using test::uploads_in;
using namespace std::chrono_literals;

/// The most memory that this process has taken since it was reset, in bytes.
std::size_t most_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  return 0;
}

void reset_most_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// A writer that dies in the midst of a large object.
void write_and_die(const std::string& url, const std::string& name) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      S3Place place(test::minio_options(), url);
      const auto sink = place.repository.create(name);
      sink->write(many_bytes(20 * kMiB));
      ::kill(::getpid(), SIGKILL);
    } catch (...) {
      ::_exit(1);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("fault: S3: 100 MB are written and read with little memory") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  S3Place place;
  put(place.repository, "first", many_bytes(kMiB));
  const std::string block = many_bytes(4 * kMiB);
  reset_most_memory();
  const auto before = most_memory();
  const auto sink = place.repository.create("large");
  for (int i = 0; i < 25; ++i) sink->write(block);
  sink->finish();
  const auto written = most_memory() - before;
  reset_most_memory();
  const auto source = place.repository.open("large");
  std::string found(block.size(), '\0');
  for (int i = 0; i < 25; ++i) {
    for (std::size_t at = 0; at < found.size();) {
      const std::size_t size = source->read(std::span(found).subspan(at));
      REQUIRE(size > 0);
      at += size;
    }
    CHECK((found == block));
  }
  CHECK(source->read(found) == 0);
  const auto read = most_memory() - before;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(written < 40 * kMiB);
  CHECK(read < 40 * kMiB);
#else
  static_cast<void>(written), static_cast<void>(read);
#endif
  CHECK(place.repository.list("").at(1).size == 100 * kMiB);
}

TEST_CASE("fault: S3: objects of the sizes where one request becomes several") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  S3Place place;
  for (const std::size_t size : {8 * kMiB - 1, 8 * kMiB, 8 * kMiB + 1, 16 * kMiB, 16 * kMiB + 1}) {
    CAPTURE(size);
    const std::string bytes = many_bytes(size);
    put(place.repository, std::to_string(size), bytes);
    CHECK((text_of(*place.repository.open(std::to_string(size)), 100'003) == bytes));
  }
  CHECK(uploads_in(place) == 0);
}

TEST_CASE("fault: S3: more objects than a server lists at once") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  constexpr std::size_t kCount = 1100;
  S3Place place;
  run_parallel(kCount, 8, [&](std::size_t i) {
    put(place.repository, "a/" + std::to_string(10'000 + i), "");
  });
  const auto objects = place.repository.list("a/");
  REQUIRE(objects.size() == kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    CHECK(objects[i].name == "a/" + std::to_string(10'000 + i));
  }
  CHECK(list_objects(place.client, place.key(""), 7).size() == kCount);
}

TEST_CASE("fault: S3: keys of all kinds are listed and read as they are") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  S3Place place;
  const std::vector<std::string> names{"a b", "a%2Fb",  "a+b",   "a&b=c?d#e",
                                       "ä/ö", "tab\tx", "~'()*!"};
  for (const std::string& name : names) put_new(place.client, place.key(name), name, "writer");
  CHECK(list_objects(place.client, place.key("")).size() == names.size());
  for (const ListedObject& object : list_objects(place.client, place.key(""))) {
    const std::string content = get_piece(place.client, object.key, 0, 100).bytes;
    CHECK(place.key(content) == object.key);
    remove_object(place.client, object.key);
  }
  CHECK(list_objects(place.client, place.key("")).empty());
}

TEST_CASE("fault: S3: of two large objects of one name the second is refused") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  S3Place place;
  const std::string bytes[] = {many_bytes(9 * kMiB, 1), many_bytes(9 * kMiB, 2)};
  const auto early = place.repository.create("a");
  early->write(bytes[0]);
  put(place.repository, "a", bytes[1]);
  CHECK(thrown_by([&] { early->finish(); }).code == ErrorCode::refused);
  CHECK((text_of(*place.repository.open("a")) == bytes[1]));

  std::atomic<int> made = 0;
  run_parallel(2, 2, [&](std::size_t i) {
    try {
      put(place.repository, "b", bytes[i]);
      ++made;
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::refused);
    }
  });
  CHECK(made == 1);
}

TEST_CASE("fault: S3: an object that is replaced while it is read") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  S3Place place;
  put(place.repository, "a", many_bytes(30 * kMiB, 1));
  const auto source = place.repository.open("a");
  place.repository.remove("a");
  put(place.repository, "a", many_bytes(30 * kMiB, 2));
  const auto thrown = thrown_by([&] { text_of(*source); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says("replaced or removed"));
}

TEST_CASE("fault: S3: what a writer that was killed has left is removed, what goes on is not") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  const std::string url = test::new_s3_url();
  write_and_die(url, "dead");
  S3Place place(test::minio_options(), url);
  S3Place other;
  const auto sink = other.repository.create("alive");
  sink->write(many_bytes(20 * kMiB));
  CHECK(uploads_in(place) == 1);
  CHECK(uploads_in(other) == 1);
  CHECK(place.repository.list("").empty());
  place.repository.remove_leftovers(std::chrono::system_clock::now() - 1h);
  CHECK(uploads_in(place) == 1);
  place.repository.remove_leftovers(std::chrono::system_clock::now() + 1h);
  CHECK(uploads_in(place) == 0);
  CHECK(uploads_in(other) == 1);
  sink->finish();
  CHECK(other.repository.list("").size() == 1);
}

TEST_CASE("fault: S3: an upload that began long ago and still grows is no leftover") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  S3Place place;
  MultipartUpload upload(place.client, place.key("a"), writer_headers("writer"));
  const auto begun = list_uploads(place.client, place.key("")).at(0);
  REQUIRE(test::comes_true([&] { return std::chrono::system_clock::now() > begun.begun + 10ms; }));
  upload.add(many_bytes(8 * kMiB));
  upload.add(many_bytes(kMiB));
  REQUIRE(test::comes_true([&] { return last_change(place.client, begun) > begun.begun + 5ms; }));
  place.repository.remove_leftovers(begun.begun + 5ms);
  upload.complete_new("writer");
  CHECK(place.repository.list("").size() == 1);
}

}  // namespace prism::s3
