#include "background.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>

namespace prismctl {
namespace {

void leave_all_behind() {
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
}

}  // namespace

void run_in_background(const std::function<void()>& work) {
  const pid_t id = ::fork();
  if (id < 0) throw prism::system_error(errno, "fork");
  if (id > 0) return;
  leave_all_behind();
  try {
    work();
  } catch (...) {
    // The server asks for what is missing once more by itself.
  }
  ::_exit(0);
}

}  // namespace prismctl
