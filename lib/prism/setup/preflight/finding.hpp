#pragma once

#include <string>
#include <vector>

#include <prism/health/state.hpp>

namespace prism::setup {

/// What `check` has found to be wrong. No text holds a secret.
struct Finding {
  health::State level = health::State::warning;  ///< warning or critical
  std::string where;                             ///< a variable, a target, a file
  std::string what;
  std::string hint = {};  ///< what an operator can do about it

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

/// The worst; of none ok.
PRISM_API health::State worst_of(const Findings& findings);

}  // namespace prism::setup
