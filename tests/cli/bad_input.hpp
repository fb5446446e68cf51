#pragma once

#include <functional>
#include <memory>

#include "cli/cli.hpp"

namespace prism::test {

/// What must stay as it is while the command runs: a lock, an open transaction.
using Held = std::shared_ptr<void>;
using Make = std::function<Held(const Cli&)>;

/// One way in which input, store or settings are not what they should be. Every case has a good
/// store t.db, which is never touched.
struct Case {
  std::string name;
  Make make;
  Words words;
  int code = 0;
  std::vector<std::string> texts;           ///< that the error or the log holds
  std::vector<std::string> untouched = {};  ///< files whose bytes stay
  std::vector<std::string> absent = {};     ///< what must not be made
  Variables variables = {};
  bool privileged = true;
};

// Ways to make what is bad.

Held nothing(const Cli& cli);
Make file(const std::string& name, const std::string& content);
Make folder(const std::string& name);

/// Runs all of them, each in a folder of its own, and checks what they say and leave.
void check_all(const std::vector<Case>& cases);

}  // namespace prism::test
