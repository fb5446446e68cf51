#include "console/style.hpp"

#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace prismctl {

bool is_terminal(int fd) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return !dumb && ::isatty(fd) == 1;
}

bool wants_colour(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && is_terminal(fd);
}

}  // namespace prismctl
