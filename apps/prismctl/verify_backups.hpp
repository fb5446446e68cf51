#pragma once

#include <string>
#include <vector>

#include "session.hpp"

namespace prismctl {

struct VerifyOptions {
  std::vector<std::string> ids;  ///< which, as find_backup() takes them
  bool all = false;
  bool restore_test = false;
};

/// `backup verify`: looks at backups, tells of them and leaves a report of each. The exit code.
int verify_backups(const VerifyOptions& options, Session& session);

}  // namespace prismctl
