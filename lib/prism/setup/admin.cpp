#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/admin.hpp>

namespace prism::setup {
namespace {

/// Whether there is one of that name already.
bool is_there(const Admin& admin, Log& log) {
  const auto user = admin.users->find(admin.user.username);
  if (!user) return false;
  const std::string who = admin.users->location() + ": user " + in_quotes(user->username);
  if (!user->admin) log.warning(who + " is no admin; it was left as it is");
  if (!user->active) log.warning(who + " is disabled; prismctl user enable lets it log in again");
  return true;
}

}  // namespace

bool ensure_admin(const Admin& admin, Log& log) {
  if (is_there(admin, log)) return false;
  if (admin.password_hash.empty()) {
    throw Error(ErrorCode::locked,
                admin.users->location() + ": user " + in_quotes(admin.user.username) +
                    " was removed meanwhile",
                "run it again");
  }
  admin.users->create();
  switch (admin.users->add(admin.user, admin.password_hash)) {
    case AddOutcome::added:
      return true;
    case AddOutcome::name_taken:  // by another run, just now
      return false;
    case AddOutcome::email_taken:
      break;
  }
  throw Error(
      ErrorCode::refused,
      admin.users->location() + ": another user has the email " + in_quotes(admin.user.email),
      "name another with --admin-email");
}

}  // namespace prism::setup
