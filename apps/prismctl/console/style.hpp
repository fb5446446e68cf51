#pragma once

namespace prismctl {

/// A terminal that can move its cursor: not one with TERM=dumb.
bool is_terminal(int fd);

/// Colours only on a terminal, and not with NO_COLOR set (no-color.org).
bool wants_colour(int fd);

}  // namespace prismctl
