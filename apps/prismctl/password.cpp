#include "password.hpp"

#include <sys/stat.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/setup/account.hpp>

#include "console/prompt.hpp"

namespace prismctl {
namespace {

constexpr std::size_t kLargest = 4096;

using prism::Error;
using prism::ErrorCode;

/// Without the line's end that editors and `echo` put there.
std::string first_line(std::string text, const std::string& from) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.find('\n') == std::string::npos) return text;
  throw Error(ErrorCode::bad_data, from + ": several lines, expected a password alone");
}

void warn_of_readers(const std::string& file, Session& session) {
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0 || (state.st_mode & S_IROTH) == 0) return;
  session.log().warning(file + ": every user of this machine can read the password; chmod 600");
}

std::string ask_for(const std::string& username, Session& session) {
  if (!can_ask()) {
    throw Error(ErrorCode::usage, "no password for " + username + ", and no terminal to ask for it",
                "give it by --password-file FILE (- is standard input), PRISM_ADMIN_PASSWORD or "
                "PRISM_ADMIN_PASSWORD_FILE");
  }
  const auto [password, again] =
      ask_unseen({"Password for " + username + ": ", "The same again: "}, session.cancel());
  if (password == again) return password;
  throw Error(ErrorCode::bad_data, "the two passwords differ", "nothing was changed; try again");
}

std::string find_password(const std::string& file, const std::string& username, Session& session) {
  if (file == "-") return first_line(read_input(kLargest, session.cancel()), "standard input");
  if (!file.empty()) {
    warn_of_readers(file, session);
    return first_line(prism::read_file(file, kLargest), file);
  }
  const std::string& set = session.settings().text(prism::config::Setting::admin_password);
  return set.empty() ? ask_for(username, session) : set;
}

}  // namespace

CLI::Option* add_password_file(CLI::App& app, std::string& file) {
  return app
      .add_option("--password-file", file,
                  "The file that holds the password, - for standard input (default: "
                  "PRISM_ADMIN_PASSWORD, else it is asked for)")
      ->type_name("FILE");
}

std::string take_password(const std::string& file, const std::string& username, Session& session) {
  std::string password = find_password(file, username, session);
  prism::setup::require_password(password);
  return password;
}

}  // namespace prismctl
