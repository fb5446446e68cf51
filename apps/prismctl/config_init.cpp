#include "config_init.hpp"

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/random.hpp>
#include <prism/setup/token_keys.hpp>

namespace prismctl {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOwnerOnly = fs::perms::owner_read | fs::perms::owner_write;
constexpr fs::perms kForAll = kOwnerOnly | fs::perms::group_read | fs::perms::others_read;

/// What is written, in this order.
struct Files {
  fs::path private_key;
  fs::path public_key;
  fs::path env;
};

Files files_of(const InitOptions& options) {
  Files files{.private_key = {}, .public_key = {}, .env = options.output};
  if (options.rsa_keys.empty()) return files;
  files.private_key = fs::path(options.rsa_keys) / "token-private.pem";
  files.public_key = fs::path(options.rsa_keys) / "token-public.pem";
  return files;
}

/// Before anything is made.
void require_absent(const Files& files) {
  for (const fs::path& file : {files.private_key, files.public_key, files.env}) {
    std::error_code error;
    if (file.empty() || !fs::exists(fs::symlink_status(file, error))) continue;
    throw prism::Error(prism::ErrorCode::refused,
                       file.string() + ": it is there already, and stays as it is",
                       "move it away, or name others with --output and --rsa-keys");
  }
}

void make_private_folder(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (error) throw prism::write_error(error.value(), folder.string());
  if (made) fs::permissions(folder, fs::perms::owner_all);
}

void write_keys(const InitOptions& options, const Files& files) {
  if (files.private_key.empty()) return;
  const auto keys = prism::setup::make_token_keys(options.rsa_bits);
  make_private_folder(options.rsa_keys);
  prism::write_new_file(files.private_key, keys.private_pem, kOwnerOnly);
  prism::write_new_file(files.public_key, keys.public_pem, kForAll);
}

void tell(const InitOptions& options, const Files& files, Output& output) {
  const std::string_view system = system_name(options.system);
  if (output.json()) {
    const bool keys = !files.private_key.empty();
    output.document({{"command", "config init"},
                     {"system", system},
                     {"file", files.env.string()},
                     {"private_key", keys ? Json(files.private_key.string()) : Json()},
                     {"public_key", keys ? Json(files.public_key.string()) : Json()}});
    return;
  }
  output.line(
      fmt::format("{}: the variables of {}, with generated passwords", files.env.string(), system));
  if (files.private_key.empty()) return;
  output.line(fmt::format("{}: RSA, {} bits, for its owner alone", files.private_key.string(),
                          options.rsa_bits));
  output.line(files.public_key.string() + ": what tokens are checked with");
}

}  // namespace

int init_config(const InitOptions& options, Session& session) {
  constexpr std::size_t kPasswordLength = 32;
  const Files files = files_of(options);
  require_absent(files);
  for (const fs::path& file : {files.private_key, files.public_key, files.env}) {
    if (!file.empty()) session.touch("file " + file.string());
  }
  write_keys(options, files);
  const std::string env = prism::setup::make_system_env(
      options.system, [] { return prism::random_password(kPasswordLength); });
  prism::write_new_file(files.env, env, kOwnerOnly);
  tell(options, files, session.output());
  return 0;
}

}  // namespace prismctl
