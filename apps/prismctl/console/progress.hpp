#pragma once

#include <memory>

#include <prism/base/context.hpp>

namespace prismctl {

/// A bar with rate and time left on a terminal; elsewhere one log line per 30 s; none when not
/// wanted.
std::unique_ptr<prism::Progress> make_progress(prism::Log& log, bool wanted);

}  // namespace prismctl
