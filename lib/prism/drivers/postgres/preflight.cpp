#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/preflight.hpp>

namespace prism::postgres {
namespace {

template <typename Names>
std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> column(Session& session, const std::string& sql,
                                const std::vector<std::string>& parameters = {}) {
  std::vector<std::string> values;
  for (const auto& row : session.query(sql, parameters)) values.push_back(row[0].value());
  return values;
}

void require_extensions(Session& session, const DatabaseRecord& record) {
  std::set<std::string> missing;
  for (const auto& [name, version] : record.extensions) missing.insert(name);
  for (const auto& name : column(session, "SELECT name FROM pg_available_extensions")) {
    missing.erase(name);
  }
  if (missing.empty()) return;
  throw Error(ErrorCode::configuration,
              "this server lacks extensions of the backup: " + joined(missing),
              "install them where the server runs; nothing was touched");
}

void require_tablespaces(Session& session, const DatabaseRecord& record) {
  std::set<std::string> missing = record.tablespaces;
  for (const auto& name : column(session, "SELECT spcname FROM pg_tablespace")) missing.erase(name);
  if (missing.empty()) return;
  throw Error(ErrorCode::configuration,
              "this server lacks tablespaces of the backup: " + joined(missing),
              "create them, as globals.sql of the backup does; nothing was touched");
}

std::set<std::string> needed_roles(const NamedRoles& roles, const ComponentOptions& options) {
  std::set<std::string> needed = roles.others;
  if (!options.no_owner) needed.insert(roles.owners.begin(), roles.owners.end());
  if (!options.no_acl) needed.insert(roles.grantees.begin(), roles.grantees.end());
  return needed;
}

void require_roles(Session& session, const std::set<std::string>& needed) {
  std::set<std::string> missing = needed;
  for (const auto& name : column(session, "SELECT rolname FROM pg_roles")) missing.erase(name);
  if (missing.empty()) return;
  throw Error(ErrorCode::configuration, "this server lacks roles of the backup: " + joined(missing),
              "create them, as globals.sql of the backup does, or restore with --no-owner and "
              "--no-acl; nothing was touched");
}

/// Only a member of a role can give it something.
void require_membership(Session& session, const std::set<std::string>& owners) {
  std::vector<std::string> foreign;
  for (const std::string& owner : owners) {
    if (!session.is_true("SELECT pg_has_role($1, 'MEMBER')", {owner})) foreign.push_back(owner);
  }
  if (foreign.empty()) return;
  throw Error(
      ErrorCode::permission,
      "the database user is no member of roles that own what is in the backup: " + joined(foreign),
      "restore as a superuser, or with --no-owner; nothing was touched");
}

void drop_slot(Session& session, const std::string& slot, const Cancel& cancel) {
  Backoff backoff(std::chrono::seconds(10), cancel);
  for (;;) {
    try {
      session.query(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
          "WHERE slot_name = $1 AND active_pid IS NOT NULL",
          {slot});
      session.query("SELECT pg_drop_replication_slot($1)", {slot});
      return;
    } catch (const Failure& failure) {
      // Who reads it comes back at once.
      if (failure.sqlstate() != "55006" || !backoff.pause()) throw;
    }
  }
}

void drop_subscription(Session& session, const std::string& name) {
  const std::string subscription = "SUBSCRIPTION " + quoted_name(name);
  session.query("ALTER " + subscription + " DISABLE");
  session.query("ALTER " + subscription + " SET (slot_name = NONE)");
  session.query("DROP " + subscription);
}

}  // namespace

void require_what_is_named(Session& session, const DatabaseRecord& record,
                           const ComponentOptions& options) {
  NamedRoles roles = record.roles;
  // In place the owner stays who it is.
  if (!options.in_place) roles.owners.insert(record.owner);
  require_extensions(session, record);
  require_tablespaces(session, record);
  require_roles(session, needed_roles(roles, options));
  if (!options.no_owner) require_membership(session, roles.owners);
}

void require_rights(Session& maintenance, const std::string& database) {
  const bool creates = maintenance.is_true(
      "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user");
  const bool owns = !maintenance.is_true(
      "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 "
      "AND NOT pg_has_role(datdba, 'USAGE'))",
      {database});
  if (creates && owns) return;
  throw Error(ErrorCode::permission,
              creates ? "the database user doesn't own " + database + ", and can't replace it"
                      : "the database user may not create databases, and a restore makes a new one",
              "--in-place restores into the database itself; nothing was touched");
}

Holds find_holds(Session& maintenance, const std::string& database) {
  Holds holds;
  holds.prepared = column(
      maintenance, "SELECT gid FROM pg_prepared_xacts WHERE database = $1 ORDER BY 1", {database});
  holds.slots = column(maintenance,
                       "SELECT slot_name FROM pg_replication_slots WHERE database = $1 "
                       "AND NOT temporary ORDER BY 1",
                       {database});
  holds.subscriptions =
      column(maintenance,
             "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
             "WHERE datname = $1 ORDER BY 1",
             {database});
  return holds;
}

void require_no_holds(const Holds& holds, const std::string& database) {
  std::string words;
  const auto add = [&](const char* what, const std::vector<std::string>& names) {
    if (!names.empty())
      words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", what, joined(names));
  };
  add("prepared transactions", holds.prepared);
  add("logical replication slots", holds.slots);
  add("subscriptions", holds.subscriptions);
  if (words.empty()) return;
  throw Error(ErrorCode::refused, fmt::format("database {} has {}", database, words),
              "end them, or let --force do so; nothing was touched");
}

void release(const Holds& holds, Server& server, const Cancel& cancel, Log& log) {
  const auto session = server.open_target();
  if (!session) return;
  for (const std::string& name : holds.prepared) {
    session->query("ROLLBACK PREPARED " + quoted_text(name));
    log.warning("rolled back the prepared transaction " + name);
  }
  for (const std::string& name : holds.subscriptions) {
    drop_subscription(*session, name);
    log.warning("dropped the subscription " + name + "; its slot on the other server is left");
  }
  for (const std::string& name : holds.slots) {
    drop_slot(*session, name, cancel);
    log.warning("dropped the logical replication slot " + name);
  }
}

}  // namespace prism::postgres
