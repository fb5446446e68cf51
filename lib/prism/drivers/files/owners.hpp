#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <sys/types.h>

namespace prism::files {

/// The names of users and groups, and their numbers on this machine; each is looked for once.
class Owners {
 public:
  /// Empty when it has none.
  const std::string& user_name(uid_t user);
  const std::string& group_name(gid_t group);

  /// Of that name here; where there is none, `otherwise`.
  uid_t user(const std::string& name, uid_t otherwise);
  gid_t group(const std::string& name, gid_t otherwise);

 private:
  static constexpr std::int64_t kNone = -1;

  std::map<uid_t, std::string> user_names_;
  std::map<gid_t, std::string> group_names_;
  std::map<std::string, std::int64_t> users_;
  std::map<std::string, std::int64_t> groups_;
};

}  // namespace prism::files
