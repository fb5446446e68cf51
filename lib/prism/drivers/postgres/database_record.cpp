#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/database_record.hpp>

namespace prism::postgres {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

/// Columns of pg_database that came later: ICU with 15, its rules with 16, the built-in provider
/// with 17, which gave the locale another name.
std::string database_sql(int version) {
  const char* const provider =
      version >= 150000
          ? "CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END"
          : "'libc'";
  const char* const locale = version >= 170000   ? "coalesce(datlocale, '')"
                             : version >= 150000 ? "coalesce(daticulocale, '')"
                                                 : "''";
  const char* const rules = version >= 160000 ? "coalesce(daticurules, '')" : "''";
  return fmt::format(
      "SELECT datname, pg_encoding_to_char(encoding), datcollate, datctype, "
      "pg_get_userbyid(datdba), spcname, {}, {}, {} FROM pg_database d "
      "JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE datname = current_database()",
      provider, locale, rules);
}

/// What depends on roles. The owner of an extension's objects is whoever restores it.
constexpr const char* kRoles = R"(
WITH this AS (SELECT oid FROM pg_database WHERE datname = current_database())
SELECT DISTINCT pg_get_userbyid(s.refobjid),
       CASE WHEN s.classid IN ('pg_user_mapping'::regclass) OR s.deptype = 'r' THEN 'other'
            WHEN s.classid = 'pg_default_acl'::regclass OR s.deptype = 'a' THEN 'grantee'
            ELSE 'owner' END
FROM pg_shdepend s, this
WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype IN ('o', 'a', 'r')
  AND (s.dbid = this.oid OR (s.dbid = 0 AND s.classid = 'pg_database'::regclass
                             AND s.objid = this.oid))
  AND s.classid <> 'pg_extension'::regclass
  AND NOT (s.deptype = 'o' AND s.classid = 'pg_database'::regclass)
  AND NOT (s.deptype = 'o' AND EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = s.classid AND d.objid = s.objid
        AND d.deptype = 'e'))
UNION
SELECT pg_get_userbyid(setrole), 'other' FROM pg_db_role_setting, this
WHERE setdatabase = this.oid AND setrole <> 0)";

/// The role that initdb made is in no list of dependencies.
constexpr const char* kFirstRole = R"(
WITH owned AS (
  SELECT 'pg_class'::regclass AS class, c.oid, relowner AS owner FROM pg_class c
  WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND relpersistence <> 't'
  UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc
  UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner FROM pg_namespace
            WHERE nspname NOT LIKE 'pg\_%'
  UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type
            WHERE typtype IN ('d', 'e', 'r')
  UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtowner FROM pg_event_trigger
  UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication
  UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server
  UNION ALL SELECT 'pg_largeobject'::regclass, oid, lomowner FROM pg_largeobject_metadata)
SELECT pg_get_userbyid(10)
WHERE EXISTS (SELECT FROM owned o WHERE owner = 10 AND oid >= 16384 AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid
                AND d.deptype = 'e')))";

constexpr const char* kTablespaces =
    "SELECT DISTINCT spcname FROM pg_class c JOIN pg_tablespace t ON t.oid = c.reltablespace "
    "WHERE t.spcname <> 'pg_global' AND c.relpersistence <> 't'";

NamedRoles read_roles(Session& session) {
  NamedRoles roles;
  for (const auto& row : session.query(kRoles)) {
    auto& some = row[1] == "owner"     ? roles.owners
                 : row[1] == "grantee" ? roles.grantees
                                       : roles.others;
    some.insert(row[0].value());
  }
  const std::string first = session.text(kFirstRole);
  if (!first.empty()) roles.owners.insert(first);
  return roles;
}

Json to_json(const NamedRoles& roles) {
  return {{"owners", roles.owners}, {"grantees", roles.grantees}, {"others", roles.others}};
}

NamedRoles roles_of(const Json& json) {
  return {json.at("owners"), json.at("grantees"), json.at("others")};
}

DatabaseRecord record_of(const Json& json) {
  const int schema = json.at("schema");
  if (schema > kSchema) {
    throw Error(ErrorCode::configuration, "database.json is of a newer prismctl");
  }
  DatabaseRecord record{json.at("database"),
                        json.at("server_version"),
                        json.at("pg_dump"),
                        json.at("encoding"),
                        json.at("provider"),
                        json.at("collate"),
                        json.at("ctype"),
                        json.at("locale"),
                        json.at("icu_rules"),
                        json.at("owner"),
                        json.at("tablespace"),
                        json.at("tablespaces"),
                        json.at("extensions"),
                        roles_of(json.at("roles")),
                        json.at("globals"),
                        json.at("dump_bytes"),
                        {}};
  for (const auto& [name, count] : json.at("counts").items()) record.counts[name] = count;
  return record;
}

}  // namespace

DatabaseRecord read_record(Session& session) {
  const Session::Row row = session.query(database_sql(session.version())).at(0);
  DatabaseRecord record;
  record.database = row[0].value();
  record.server_version = session.version_text();
  record.encoding = row[1].value();
  record.collate = row[2].value();
  record.ctype = row[3].value();
  record.owner = row[4].value();
  record.tablespace = row[5].value();
  record.provider = row[6].value();
  record.locale = row[7].value();
  record.icu_rules = row[8].value();
  for (const auto& extension : session.query("SELECT extname, extversion FROM pg_extension")) {
    record.extensions[extension[0].value()] = extension[1].value();
  }
  for (const auto& tablespace : session.query(kTablespaces)) {
    record.tablespaces.insert(tablespace[0].value());
  }
  record.roles = read_roles(session);
  return record;
}

std::string to_json_text(const DatabaseRecord& record) {
  const Json json = {{"schema", kSchema},
                     {"database", record.database},
                     {"server_version", record.server_version},
                     {"pg_dump", record.pg_dump},
                     {"encoding", record.encoding},
                     {"provider", record.provider},
                     {"collate", record.collate},
                     {"ctype", record.ctype},
                     {"locale", record.locale},
                     {"icu_rules", record.icu_rules},
                     {"owner", record.owner},
                     {"tablespace", record.tablespace},
                     {"tablespaces", record.tablespaces},
                     {"extensions", record.extensions},
                     {"roles", to_json(record.roles)},
                     {"globals", record.globals},
                     {"dump_bytes", record.dump_bytes},
                     {"counts", record.counts}};
  // The names in a database without an encoding may be anything.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

DatabaseRecord parse_record(const std::string& text) {
  if (!text.ends_with("}\n")) throw Error(ErrorCode::bad_data, "database.json: cut short");
  try {
    return record_of(Json::parse(text));
  } catch (const Json::exception& e) {
    throw Error(ErrorCode::bad_data, std::string("database.json: ") + e.what());
  }
}

}  // namespace prism::postgres
