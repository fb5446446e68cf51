#pragma once

#include <fstream>
#include <string>

#include <sys/types.h>

namespace prism::test {

/// Whether there is such a process, and more of it than its exit code.
inline bool is_running(pid_t id) {
  std::ifstream stat("/proc/" + std::to_string(id) + "/stat");
  std::string words;
  if (!std::getline(stat, words)) return false;
  const std::size_t name_end = words.rfind(')');
  return name_end != std::string::npos && words.compare(name_end, 3, ") Z") != 0;
}

}  // namespace prism::test
