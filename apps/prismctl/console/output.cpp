#include "console/output.hpp"

#include <cerrno>

#include <unistd.h>

#include <prism/base/error.hpp>

#include "console/style.hpp"

namespace prismctl {

Output::Output(bool json, bool quiet)
    : json_(json), quiet_(quiet), colour_(wants_colour(STDOUT_FILENO)) {}

void Output::document(Json result) {
  Json document{{"schema", 1}};
  document.update(result);
  write(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Output::line(std::string_view text) {
  if (!json_ && !quiet_) write(std::string(text) + "\n");
}

bool Output::write(std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return false;
    if (written < 0) throw prism::system_error(errno, "standard output");
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace prismctl
