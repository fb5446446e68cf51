#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <prism/base/files.hpp>

namespace prism::test {

/// How a program is started. Its environment is `environment` and nothing else.
struct Launch {
  std::string program;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::filesystem::path folder;                  ///< working folder; empty: ours
  std::string input;                             ///< what it reads on standard input
  std::optional<std::uint64_t> file_size_limit;  ///< RLIMIT_FSIZE, with SIGXFSZ as it is
  bool ignore_size_signal = false;               ///< SIGXFSZ is ignored: EFBIG is all it gets
  bool privileged = true;  ///< false: root too is bound by the modes of its files
  int output = -1;         ///< its standard output; -1: captured
  int errors = -1;         ///< its standard error; -1: captured
};

/// How it ended and what it wrote.
struct Ended {
  int code = -1;   ///< -1 when a signal ended it
  int signal = 0;  ///< 0 when it ended by itself
  std::string out;
  std::string err;
};

/// A program that runs. Killed when it still does at the end of this object's life.
class Process {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit Process(const Launch& launch);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();

  pid_t id() const { return id_; }
  void send(int signal) const;

  /// Whether it ends within this time.
  bool ends_within(Milliseconds time) const;

  /// Throws std::runtime_error, after killing it, when it takes longer.
  Ended wait(Milliseconds deadline = std::chrono::seconds(120));

 private:
  Ended reap();

  pid_t id_ = -1;
  std::string name_;
  FileDescriptor handle_;
  FileDescriptor out_;
  FileDescriptor err_;
};

inline Ended run(const Launch& launch) { return Process(launch).wait(); }

}  // namespace prism::test
