#include "contract/repository.hpp"

#include <doctest/doctest.h>

#include <prism/repository/folder.hpp>

#include "contract/wal_archive.hpp"
#include "support/memory_repository.hpp"
#include "support/temporary.hpp"

namespace prism {
namespace {

class InFolder : public contract::RepositoryFixture {
 public:
  repository::Repository& repository() override { return repository_; }

 private:
  test::Folder folder_;
  repository::FolderRepository repository_{folder_ / "made/with/the/first"};
};

class InMemory : public contract::RepositoryFixture {
 public:
  repository::Repository& repository() override { return repository_; }

 private:
  test::MemoryRepository repository_;
};

}  // namespace

#define CASE(check, words)                           \
  TEST_CASE("contract: folder repository: " words) { \
    InFolder fixture;                                \
    contract::check(fixture);                        \
  }                                                  \
  TEST_CASE("contract: memory repository: " words) { \
    InMemory fixture;                                \
    contract::check(fixture);                        \
  }
PRISM_REPOSITORY_CONTRACT(CASE)
PRISM_WAL_ARCHIVE_CONTRACT(CASE)
#undef CASE

TEST_CASE("contract: memory repository: objects can be damaged") {
  test::MemoryRepository repository;
  repository.create("a")->finish();
  repository.content("a") = "damaged";
  CHECK(test::text_of(*repository.open("a")) == "damaged");
}

}  // namespace prism
