#pragma once

#include "contract/repository.hpp"

namespace prism::contract {

/// What the archive of WAL must do in every driver's repository; to be expanded as
/// PRISM_FACT_STORE_CONTRACT is.
#define PRISM_WAL_ARCHIVE_CONTRACT(CASE)                                                     \
  CASE(wal_put_and_got, "wal: what was put is got, and what was not is not there")           \
  CASE(wal_put_again, "wal: the same may be put again")                                      \
  CASE(wal_of_another_content, "wal: another content of a name is refused")                  \
  CASE(wal_cut_off, "wal: what a killed run has left is completed")                          \
  CASE(wal_damaged, "wal: damage is told, and nothing takes the place of what is asked for") \
  CASE(wal_encrypted, "wal: it is encrypted for recipients, and opened by an identity")      \
  CASE(wal_put_by_several, "wal: several put the same at once")                              \
  CASE(wal_of_several_systems, "wal: each system has its own")

#define PRISM_DECLARE_CHECK(check, words) void check(RepositoryFixture& fixture);
PRISM_WAL_ARCHIVE_CONTRACT(PRISM_DECLARE_CHECK)
#undef PRISM_DECLARE_CHECK

}  // namespace prism::contract
