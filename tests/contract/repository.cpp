#include "contract/repository.hpp"

#include <array>
#include <atomic>

#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>

#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::contract {

using repository::Repository;
using test::text_of;
using test::thrown_by;

namespace {

using Names = std::vector<std::string>;

void put(Repository& repository, const std::string& name, std::string_view content) {
  const auto sink = repository.create(name);
  sink->write(content);
  sink->finish();
}

/// Whether it was not refused.
bool put_if_free(Repository& repository, const std::string& name, std::string_view content) {
  try {
    put(repository, name, content);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::refused) throw;
    return false;
  }
}

std::string get(Repository& repository, const std::string& name) {
  return text_of(*repository.open(name));
}

Names names_in(Repository& repository, const std::string& prefix = "") {
  Names names;
  for (const auto& object : repository.list(prefix)) names.push_back(object.name);
  return names;
}

bool is_missing(Repository& repository, const std::string& name) {
  return thrown_by([&] { repository.open(name); }).code == ErrorCode::input_missing;
}

/// The same bytes every time, of which no piece is like another.
std::string many_bytes(std::size_t size) {
  std::string bytes;
  for (std::uint64_t state = 1; bytes.size() < size;) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    bytes += static_cast<char>(state >> 56);
  }
  return bytes;
}

Names bad_names() {
  return {"",
          "/",
          "/a",
          "a/",
          "a//b",
          ".",
          "..",
          "../a",
          "a/..",
          "a/../b",
          ".hidden",
          "a/.b",
          "./a",
          "a b",
          "a\nb",
          "a\\b",
          "a:b",
          "a*",
          "ä",
          "a/b?c",
          "a\x7f",
          "a%2Fb",
          std::string("a\0b", 3)};
}

}  // namespace

void new_repository_is_empty(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  CHECK(repository.list("").empty());
  CHECK(repository.list("a/b/").empty());
  CHECK(is_missing(repository, "a"));
  CHECK(is_missing(repository, "a/b"));
  CHECK_FALSE(repository.location().empty());
}

void there_once_finished(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  const auto sink = repository.create("backup/facts");
  CHECK(names_in(repository).empty());
  sink->write("one ");
  sink->write("");
  sink->write("two");
  CHECK(names_in(repository).empty());
  CHECK(names_in(repository, "backup/").empty());
  CHECK(is_missing(repository, "backup/facts"));
  sink->finish();
  CHECK(names_in(repository) == Names{"backup/facts"});
  CHECK(get(repository, "backup/facts") == "one two");
}

void abandoned_object(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  repository.create("a/b/first")->write("never finished");
  CHECK(names_in(repository).empty());
  CHECK(is_missing(repository, "a/b/first"));
  put(repository, "a/b/first", "finished");
  repository.create("a/b/second")->write("never finished");
  CHECK(names_in(repository) == Names{"a/b/first"});
  CHECK(get(repository, "a/b/first") == "finished");
}

void never_replaced(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  put(repository, "a/b", "first");
  const auto thrown = thrown_by([&] { put(repository, "a/b", "second"); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("a/b"));
  CHECK_FALSE(put_if_free(repository, "a/b", ""));
  CHECK_FALSE(put_if_free(repository, "a/b", "first"));
  CHECK(get(repository, "a/b") == "first");
  CHECK(names_in(repository) == Names{"a/b"});
}

void first_to_finish(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  const auto early = repository.create("a/b");
  const auto late = repository.create("a/b");
  early->write("early");
  late->write("late");
  late->finish();
  CHECK(thrown_by([&] { early->finish(); }).code == ErrorCode::refused);
  CHECK(get(repository, "a/b") == "late");
}

void missing_object(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  put(repository, "a/b", "there");
  for (const std::string name : {"a/bb", "a/c", "a/b/c", "a", "b"}) {
    CAPTURE(name);
    const auto thrown = thrown_by([&] { repository.open(name); });
    CHECK(thrown.code == ErrorCode::input_missing);
    CHECK(thrown.says(name));
  }
}

void listed_by_name(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  // Neither the order of writing nor that of folders: '-' and '.' come before '/'.
  for (const std::string name :
       {"b/2", "a/x", "b/10", "top", "a-x", "b/c/d", "a.x", "bb/1", "B/1"}) {
    put(repository, name, name);
  }
  CHECK(names_in(repository) ==
        Names{"B/1", "a-x", "a.x", "a/x", "b/10", "b/2", "b/c/d", "bb/1", "top"});
  CHECK(names_in(repository, "b/") == Names{"b/10", "b/2", "b/c/d"});
  CHECK(names_in(repository, "b/c/") == Names{"b/c/d"});
  CHECK(names_in(repository, "top/").empty());
  CHECK(names_in(repository, "b/c/d/").empty());
  CHECK(names_in(repository, "c/").empty());
  CHECK(names_in(repository, "b") == Names{"b/10", "b/2", "b/c/d", "bb/1"});
  CHECK(names_in(repository, "b/1") == Names{"b/10"});
  CHECK(names_in(repository, "to") == Names{"top"});
  CHECK(names_in(repository, "c").empty());
  CHECK(names_in(repository, "c/d").empty());
}

void size_and_time(RepositoryFixture& fixture) {
  using std::chrono::system_clock;
  constexpr std::chrono::minutes kClocksDiffer(1);
  Repository& repository = fixture.repository();
  const auto before = system_clock::now() - kClocksDiffer;
  put(repository, "a", "");
  put(repository, "b", std::string(100'000, 'x'));
  const auto after = system_clock::now() + kClocksDiffer;
  const auto objects = repository.list("");
  REQUIRE(objects.size() == 2);
  CHECK(objects[0].size == 0);
  CHECK(objects[1].size == 100'000);
  for (const auto& object : objects) {
    CHECK(object.modified > before);
    CHECK(object.modified < after);
  }
}

void removed_object(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  for (const std::string name : {"a/b/1", "a/b/2", "a/c", "d"}) put(repository, name, name);
  repository.remove("a/b/1");
  CHECK(names_in(repository) == Names{"a/b/2", "a/c", "d"});
  CHECK(is_missing(repository, "a/b/1"));
  repository.remove("a/b/2");
  repository.remove("d");
  CHECK(names_in(repository) == Names{"a/c"});
  put(repository, "a/b/2", "again");
  CHECK(get(repository, "a/b/2") == "again");
  repository.remove("a/b/2");
  repository.remove("a/c");
  CHECK(names_in(repository).empty());
}

void removing_nothing(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  CHECK_NOTHROW(repository.remove("a"));
  CHECK_NOTHROW(repository.remove("a/b/c"));
  put(repository, "a/b", "there");
  for (const std::string name : {"a", "a/c", "a/b/c", "c"}) CHECK_NOTHROW(repository.remove(name));
  CHECK(get(repository, "a/b") == "there");
}

void odd_names_are_kept(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  const Names names{"-",     "0",   "20261121T101500Z-1a2b/store.db.zst",
                    "A..b",  "_",   "a.",
                    "a.tmp", "a/b", "b/c/d/e/f/g/h"};
  for (const std::string& name : names) put(repository, name, name);
  CHECK(names_in(repository) == names);
  for (const std::string& name : names) CHECK(get(repository, name) == name);
}

void bad_names_are_refused(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  for (const std::string& name : bad_names()) {
    CAPTURE(name);
    CHECK(thrown_by([&] { repository.create(name); }).code == ErrorCode::internal);
    CHECK(thrown_by([&] { repository.open(name); }).code == ErrorCode::internal);
    CHECK(thrown_by([&] { repository.remove(name); }).code == ErrorCode::internal);
  }
  CHECK(names_in(repository).empty());
}

void bad_prefixes_are_refused(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  for (const std::string prefix : {"/", "a//", ".", "../", "a/../", ".a/", "a/.b", "a b"}) {
    CAPTURE(prefix);
    CHECK(thrown_by([&] { repository.list(prefix); }).code == ErrorCode::internal);
  }
}

void object_without_bytes(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  repository.create("untouched")->finish();
  put(repository, "nothing", "");
  CHECK(names_in(repository) == Names{"nothing", "untouched"});
  const auto source = repository.open("untouched");
  std::array<char, 10> into;
  CHECK(source->read(into) == 0);
  CHECK(source->read(into) == 0);
}

void all_bytes_are_kept(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  std::string bytes;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  }
  put(repository, "bytes", bytes);
  const auto source = repository.open("bytes");
  CHECK(text_of(*source, 1) == bytes);
  CHECK(text_of(*source).empty());
}

void large_object(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  const std::string bytes = many_bytes((5U << 20) + 1);
  const auto sink = repository.create("large");
  test::write_in_pieces(*sink, bytes);
  sink->finish();
  CHECK(repository.list("").at(0).size == bytes.size());
  CHECK((text_of(*repository.open("large"), 100'003) == bytes));
  CHECK((text_of(*repository.open("large"), 8U << 20) == bytes));
}

void read_side_by_side(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  const std::string bytes = many_bytes(300'000);
  put(repository, "shared", bytes);
  std::atomic<int> whole = 0;
  run_parallel(4, 4, [&](std::size_t i) {
    whole += text_of(*repository.open("shared"), 10'000 + i) == bytes ? 1 : 0;
  });
  CHECK(whole == 4);
}

void created_side_by_side(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  const auto name = [](std::size_t i) {
    return "a" + std::to_string(i % 3) + "/b/" + std::to_string(i);
  };
  run_parallel(40, 8, [&](std::size_t i) { put(repository, name(i), name(i)); });
  CHECK(repository.list("").size() == 40);
  for (std::size_t i = 0; i < 40; ++i) CHECK(get(repository, name(i)) == name(i));
}

void one_name_side_by_side(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  for (int round = 0; round < 20; ++round) {
    const std::string name = "round/" + std::to_string(round);
    std::array<std::atomic<bool>, 2> made{};
    run_parallel(2, 2, [&](std::size_t i) {
      made[i] = put_if_free(repository, name, "of thread " + std::to_string(i));
    });
    CHECK(made[0] != made[1]);
    CHECK(get(repository, name) == (made[0] ? "of thread 0" : "of thread 1"));
  }
}

void folder_comes_and_goes(RepositoryFixture& fixture) {
  Repository& repository = fixture.repository();
  run_parallel(4, 4, [&](std::size_t i) {
    const std::string name = "a/b/" + std::to_string(i);
    for (int round = 0; round < 25; ++round) {
      put(repository, name, name);
      repository.create(name + "x")->write("never finished");
      repository.list("a/");
      repository.remove(name);
    }
    put(repository, name, name);
  });
  CHECK(names_in(repository) == Names{"a/b/0", "a/b/1", "a/b/2", "a/b/3"});
}

}  // namespace prism::contract
