#pragma once

namespace prismctl {

/// Colours only on a terminal, and not with NO_COLOR set (no-color.org) or TERM=dumb.
bool wants_colour(int fd);

}  // namespace prismctl
