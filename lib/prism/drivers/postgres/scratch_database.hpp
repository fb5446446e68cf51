#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/drivers/postgres/database_record.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// The names that a restore of a target uses beside its own.
struct ScratchNames {
  std::string hex;       ///< of this run alone
  std::string restored;  ///< `NAME_prismctl_restore_<hex>`
  std::string replaced;  ///< `NAME_prismctl_old_<hex>`
};

PRISM_API ScratchNames make_names(const std::string& database);

/// The <hex> in a name that make_names made for the same target at any time.
PRISM_API std::optional<std::string> hex_of(std::string_view name, const std::string& database);

/// The new database of a restore: nobody knows its name yet. Gone at the end of this object's life
/// unless it was kept.
class ScratchDatabase {
 public:
  /// Creates it as the source was. Throws Error(configuration) where this server has no such
  /// locale, Error(permission) where the user may not.
  ScratchDatabase(Server& server, ScratchNames names, const DatabaseRecord& record, Log& log);
  ~ScratchDatabase();
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  const ScratchNames& names() const { return names_; }
  void keep() { kept_ = true; }

 private:
  Server& server_;
  ScratchNames names_;
  Log& log_;
  std::unique_ptr<Session> guard_;  ///< its transaction holds the lock of this run
  bool kept_ = false;
};

/// The name of a database for one restore test: `prismctl_test_<hex>`. The database that bears it
/// at the end of this object's life is dropped, and at its begin those of runs that died.
class TestDatabase {
 public:
  TestDatabase(Server& server, Log& log);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }

 private:
  Server& server_;
  std::string name_;
  Log& log_;
  std::unique_ptr<Session> guard_;  ///< its transaction holds the lock of this run
};

/// Removes what runs that died have left of this target. What can't be removed is warned of.
void remove_leftovers(Session& maintenance, const std::string& database, Log& log);

/// Ends its sessions and drops it. Throws Failure.
void drop_database(Session& maintenance, const std::string& database);

}  // namespace prism::postgres
