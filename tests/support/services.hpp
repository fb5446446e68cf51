#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace prism::test {

/// What the environment, or else the file that PRISM_TEST_SERVICES names, says of a variable of
/// scripts/services, such as PRISM_TEST_POSTGRES. Nothing where there is no such server.
std::optional<std::string> service(const std::string& variable);

/// Whether it is there. Where it is not: said, and a failure under CI.
bool has_service(const std::string& variable);

/// A service of scripts/services for one test case alone, which may be killed and restarted. Needs
/// what has_service() tells of. A MEMBER is the service's name or one process of it, such as
/// redis-cluster/3. Ends with this object, or with the process where that comes first.
class PrivateServer {
 public:
  /// Throws std::runtime_error, with the end of the log, where it does not start. Options:
  /// --durable, --certificate wrong-host or expired.
  explicit PrivateServer(std::string name, const std::vector<std::string>& options = {});
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  /// What it says of a variable, such as PRISM_TEST_REDIS.
  std::string value(const std::string& variable) const;

  /// SIGKILL, with its children. Its data stay.
  void kill(const std::string& member = {}) const;
  /// As its administrator would; its data stay.
  void stop(const std::string& member = {}) const;
  /// With the data and ports that it had, stopped or not. Returns when it answers.
  void restart(const std::string& member = {}) const;
  /// It stays, but does nothing until it is resumed.
  void pause(const std::string& member = {}) const;
  void resume(const std::string& member = {}) const;

 private:
  void tell(std::vector<std::string> words, const std::string& member) const;

  std::string name_;
  std::filesystem::path folder_;
};

}  // namespace prism::test
