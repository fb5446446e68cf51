#pragma once

#include <functional>
#include <map>
#include <string>

#include "cli/cli.hpp"

namespace prism::test {

/// What each target holds, as its own users see it.
using Contents = std::map<std::string, std::string>;

/// A system of several databases in the folder `app`, which prismctl knows by the environment file
/// that the system has there. Commands are given beside it, where backups lie as well.
class System {
 public:
  explicit System(const std::string& environment);

  std::filesystem::path operator/(const std::string& name) const { return cli_ / name; }
  /// A file that only its owner may read.
  void write(const std::string& name, const std::string& content) const;

  Ended run(Words words) const;
  /// By someone who has no environment file, or not yet.
  Ended run_without_environment(const Words& words) const { return cli_(words); }
  /// Its standard output. Ending with another code is a failure.
  std::string print(const Words& words, int code = 0) const;
  Json json(Words words) const;

  /// Has a backup made, verifies it, and makes it so many days old; its new id.
  std::string back_up(int age_in_days) const;

 private:
  Cli cli_;
};

/// How a system is looked at, and how it is ruined.
struct Disaster {
  std::function<Contents()> contents;
  std::function<void()> strike;
  Words repository = {};                ///< `--repository URL`; none: ./backups
  int healthy = 0;                      ///< how `status` ends
  std::function<void()> first = [] {};  ///< what is restored before all else
  Words targets = {};                   ///< `--target NAME`, of what is restored then; none: all
};

/// All that follows once a system holds its data: status, backup, disaster, a restore that is tried
/// and one that is not, status; and all contents are as they were.
void survive(const System& system, const Disaster& disaster);

/// Backups older than that many days go, and no others.
void check_retention(const System& system, int days);

/// Where what differs is said.
void check_same(const Contents& found, const Contents& expected);

/// `bolt://HOST:PORT` of `bolt://USER:PASSWORD@HOST:PORT`, and its password: systems name both.
std::string without_login(const std::string& url);
std::string password_of(const std::string& url);

/// Redis wants that password from now on; its URL with it.
std::string set_redis_password(const std::string& url, const std::string& password);

/// Lines of an environment file for the keys of MinIO.
std::string minio_keys();

/// `HOST:PORT` → `PORT`.
std::string port_of(const std::string& address);

}  // namespace prism::test
