#include "systems/system.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/backup/catalog.hpp>
#include <prism/backup/manifest.hpp>

#include "support/redis.hpp"
#include "support/s3.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A backup of today becomes one of some days ago; its new id.
std::string make_older(const fs::path& repository, const std::string& id, int days) {
  const auto time = backup::time_of_id(id).value() - days * std::chrono::hours(24);
  const std::string older = backup::make_id(time);
  fs::rename(repository / id, repository / older);
  const fs::path file = repository / older / "manifest.json";
  auto manifest = backup::parse_manifest(content_of(file), file.string());
  manifest.id = older;
  write_file_atomically(file, backup::to_json_text(manifest));
  return older;
}

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

System::System(const std::string& environment) {
  fs::create_directory(cli_ / "app");
  write("app/.env", environment);
}

void System::write(const std::string& name, const std::string& content) const {
  fs::permissions(cli_.write(name, content), fs::perms::owner_read | fs::perms::owner_write);
}

Ended System::run(Words words) const {
  words.insert(words.end(), {"--env-file", "app/.env"});
  return cli_(words);
}

std::string System::print(const Words& words, int code) const {
  const Ended ended = run(words);
  CAPTURE(joined(words));
  CAPTURE(ended.out);
  CAPTURE(ended.err);
  REQUIRE(ended.code == code);
  return ended.out;
}

Json System::json(Words words) const {
  words.emplace_back("--json");
  return Json::parse(print(words));
}

std::string System::back_up(int age_in_days) const {
  const std::string id = json({"backup"}).at("backup").at("id");
  print({"backup", "verify", id});
  return make_older(*this / "backups", id, age_in_days);
}

void survive(const System& system, const Disaster& disaster) {
  const auto with = [&](const Words& words) { return joined(words, disaster.repository); };
  system.print(with({"status", "--wait", "30"}), disaster.healthy);
  const Contents before = disaster.contents();
  const Json made = system.json(with({"backup"})).at("backup");
  system.print(with({"backup", "verify"}));

  disaster.strike();
  const Contents struck = disaster.contents();
  for (const auto& [name, content] : before) CHECK(struck.at(name) != content);
  CHECK(made.at("targets").size() == before.size());
  disaster.first();
  const Contents begun = disaster.contents();
  const Words restore = with(joined({"restore", "latest"}, disaster.targets));
  CHECK(missing_in(system.print(joined(restore, {"--dry-run"})),
                   {"dry run, nothing was touched: the backup is good"}) == "");
  check_same(disaster.contents(), begun);

  system.print(restore);
  check_same(disaster.contents(), before);
  system.print(with({"status"}), disaster.healthy);
}

void check_retention(const System& system, int days) {
  const std::string old = system.back_up(days + 1), kept = system.back_up(days - 1);
  const std::string policy = std::to_string(days);
  const auto ids = [&] { return system.print({"backup", "list"}); };
  system.print({"backup", "prune", "--keep-days", policy, "--dry-run"});
  CHECK(missing_in(ids(), {old, kept}) == "");
  system.print({"backup", "prune", "--keep-days", policy});
  CHECK(missing_in(ids(), {old}) == old);
  CHECK(missing_in(ids(), {kept}) == "");
}

void check_same(const Contents& found, const Contents& expected) {
  for (const auto& [name, content] : expected) {
    CAPTURE(name);
    CHECK(found.at(name) == content);
  }
}

std::string without_login(const std::string& url) {
  const std::size_t begin = url.find("://") + 3, at = url.find('@');
  return at == std::string::npos ? url : url.substr(0, begin) + url.substr(at + 1);
}

std::string password_of(const std::string& url) {
  const std::size_t at = url.find('@'), colon = url.rfind(':', at);
  return url.substr(colon + 1, at - colon - 1);
}

std::string set_redis_password(const std::string& url, const std::string& password) {
  RedisCli server(url);
  server({"CONFIG", "SET", "requirepass", password});
  return "redis://:" + password + "@" + url.substr(url.find("://") + 3);
}

std::string minio_keys() {
  const auto s3 = minio_options().settings;
  return fmt::format("MINIO_ENDPOINT={}\nMINIO_ROOT_USER={}\nMINIO_ROOT_PASSWORD='{}'\n",
                     s3.endpoint, s3.access_key, s3.secret_key);
}

std::string port_of(const std::string& address) { return address.substr(address.rfind(':') + 1); }

}  // namespace prism::test
