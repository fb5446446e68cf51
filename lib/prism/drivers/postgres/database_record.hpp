#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {

/// The roles that the statements of an archive name, by what for.
struct NamedRoles {
  std::set<std::string> owners;    ///< of what is in it; left out by --no-owner
  std::set<std::string> grantees;  ///< and those of default privileges; left out by --no-acl
  std::set<std::string> others;    ///< of policies, settings, user mappings
};

/// What an archive of pg_dump doesn't tell, or not before it is restored: the artifact
/// `database.json`, an object of the fields below.
struct DatabaseRecord {
  std::string database;        ///< its name
  std::string server_version;  ///< such as `15.4`
  std::string pg_dump;         ///< the version of the program that made the archive
  std::string encoding;        ///< of the database, and of the archive: `UTF8`
  std::string provider;        ///< `libc`, `icu`, `builtin`
  std::string collate, ctype;
  std::string locale;     ///< of the provider, where that is not libc
  std::string icu_rules;  ///< or empty
  std::string owner;
  std::string tablespace;
  std::set<std::string> tablespaces;              ///< of its tables and indexes, where others
  std::map<std::string, std::string> extensions;  ///< with their versions
  NamedRoles roles;
  bool globals = false;          ///< whether there is an artifact `globals.sql`
  std::uint64_t dump_bytes = 0;  ///< of the artifact `db.dump`
  backup::Counts counts;
};

/// What the server says: all but what is known once the dump is made.
DatabaseRecord read_record(Session& session);

PRISM_API std::string to_json_text(const DatabaseRecord& record);

/// Throws Error(bad_data) for anything else than what to_json_text writes.
PRISM_API DatabaseRecord parse_record(const std::string& text);

}  // namespace prism::postgres
