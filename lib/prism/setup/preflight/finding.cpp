#include <algorithm>

#include <prism/setup/preflight/finding.hpp>

namespace prism::setup {

health::State worst_of(const Findings& findings) {
  health::State worst = health::State::ok;
  for (const Finding& finding : findings) worst = std::max(worst, finding.level);
  return worst;
}

}  // namespace prism::setup
