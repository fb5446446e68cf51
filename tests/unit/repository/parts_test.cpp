#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/repository/parts.hpp>

#include "support/memory_repository.hpp"
#include "support/thrown.hpp"

namespace prism::repository {
namespace {

std::string numbers(std::size_t size) {
  std::string text;
  while (text.size() < size) text += std::to_string(text.size()) + " ";
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("parts: what is larger than one object becomes several, which cat joins") {
  for (const std::size_t size : {0U, 1U, 99U, 100U, 101U, 250U, 300U}) {
    CAPTURE(size);
    test::MemoryRepository repository;
    const std::string text = numbers(size);
    PartSink sink(repository, "id/db.zst", 100);
    test::write_in_pieces(sink, text);
    sink.finish();
    CHECK(sink.parts() == std::max<std::size_t>(1, (size + 99) / 100));
    std::string joined;
    for (const Object& object : repository.list("id/")) {
      CHECK(object.size <= 100);
      joined += repository.content(object.name);
    }
    CHECK(joined == text);
    PartSource source(repository, "id/db.zst", sink.parts());
    CHECK(test::text_of(source, 64) == text);
  }
}

TEST_CASE("parts: one that is missing is told") {
  test::MemoryRepository repository;
  PartSink sink(repository, "id/db.zst", 100);
  sink.write(numbers(250));
  sink.finish();
  CHECK(part_name("id/db.zst", 1) == "id/db.zst.001");
  repository.remove("id/db.zst.001");
  PartSource source(repository, "id/db.zst", 3);
  CHECK(test::thrown_by([&] { test::text_of(source); }).code == ErrorCode::input_missing);
}

}  // namespace prism::repository
