#include "users.hpp"

#include <algorithm>

#include <prism/base/error.hpp>

namespace prismctl {
namespace {

using prism::Error;
using prism::ErrorCode;
using prism::config::Setting;
using prism::config::Target;

bool holds_users(const Target& target) { return prism::drivers::holds_users(target.kind); }

/// Those of the system that could hold users, not the fact store.
std::vector<Target> candidates(const Session& session) {
  auto all = session.targets();
  std::erase_if(all, [](const Target& target) { return !holds_users(target); });
  const auto auth = std::find_if(all.begin(), all.end(),
                                 [](const Target& target) { return target.name == "auth"; });
  return auth == all.end() ? all : std::vector<Target>{*auth};
}

Target store_target(const Session& session) {
  const auto& store = session.settings().value(Setting::store);
  auto target = prism::config::target_of_url("store", store.text, {}, store.origin);
  if (holds_users(target)) return target;
  throw Error(ErrorCode::configuration,
              "no database for users: the store is in " + target.kind +
                  ", and no target is in PostgreSQL or SQLite",
              "name one by DATABASE_URL, POSTGRES_HOST and the like, or [targets.NAME] in the "
              "config file");
}

}  // namespace

Target users_target(const Session& session, const std::string& named) {
  const std::string& name = named.empty() ? session.settings().text(Setting::users_target) : named;
  if (!name.empty()) {
    const auto all = session.backup_targets();
    return target_named(all, name);
  }
  const auto found = candidates(session);
  if (found.empty()) return store_target(session);
  if (found.size() == 1) return found.front();
  std::string names;
  for (const Target& target : found) names += (names.empty() ? "" : ", ") + target.name;
  throw Error(ErrorCode::configuration, "several databases could hold the users: " + names,
              "name one with --target, or by users.target in the config file");
}

std::unique_ptr<prism::setup::UserTable> open_users(const Target& target, prism::Access access,
                                                    Session& session) {
  auto users = prism::drivers::open_user_table(
      target, {access, session.lock_wait(), session.settings().servers()}, session.log(),
      session.cancel());
  session.touch("users of " + target.name);
  return users;
}

}  // namespace prismctl
