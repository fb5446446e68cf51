#pragma once

#include <functional>

namespace prismctl {

/// Does `work` in a process of its own that nobody waits for: it has a session of its own, and
/// nothing of ours is open in it. What it throws is lost, and its exit code is always 0: PostgreSQL
/// as the first process of a container inherits it, and would take any other for a crash of its
/// own. Only while this process has a single thread.
void run_in_background(const std::function<void()>& work);

}  // namespace prismctl
