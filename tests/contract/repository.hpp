#pragma once

#include <prism/repository/repository.hpp>

namespace prism::contract {

/// A repository of one driver for one test case, empty at first.
class RepositoryFixture {
 public:
  virtual ~RepositoryFixture() = default;

  virtual repository::Repository& repository() = 0;
};

/// What every driver's repository must do; to be expanded as PRISM_FACT_STORE_CONTRACT is.
#define PRISM_REPOSITORY_CONTRACT(CASE)                                                          \
  CASE(new_repository_is_empty, "where nothing was ever written, nothing is there")              \
  CASE(there_once_finished, "an object is there once it is finished, and whole")                 \
  CASE(abandoned_object, "an object that is not finished leaves nothing")                        \
  CASE(never_replaced, "a second object of a name is refused, and the first one is kept")        \
  CASE(first_to_finish, "of two that are written at once the first to finish is kept")           \
  CASE(missing_object, "an object that is not there is told to be missing")                      \
  CASE(listed_by_name, "objects are listed by name, those of a folder alone")                    \
  CASE(size_and_time, "objects are listed with their sizes and times")                           \
  CASE(removed_object, "what is removed is gone, what is beside it stays, and it may come back") \
  CASE(removing_nothing, "removing what is not there is no error")                               \
  CASE(odd_names_are_kept, "names may have all letters, digits, '.', '-' and '_'")               \
  CASE(bad_names_are_refused, "any other name is refused")                                       \
  CASE(bad_prefixes_are_refused, "so is any other prefix")                                       \
  CASE(object_without_bytes, "an object may be empty")                                           \
  CASE(all_bytes_are_kept, "an object keeps all bytes, and none is special")                     \
  CASE(large_object, "a large object is written and read in uneven pieces")                      \
  CASE(read_side_by_side, "an object is read by several at once")                                \
  CASE(created_side_by_side, "several threads create objects at once")                           \
  CASE(one_name_side_by_side, "of threads that create the same name exactly one does it")        \
  CASE(folder_comes_and_goes, "objects come while the others of their folder go")

#define PRISM_DECLARE_CHECK(check, words) void check(RepositoryFixture& fixture);
PRISM_REPOSITORY_CONTRACT(PRISM_DECLARE_CHECK)
#undef PRISM_DECLARE_CHECK

}  // namespace prism::contract
