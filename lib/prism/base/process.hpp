#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <prism/base/cancel.hpp>
#include <prism/base/files.hpp>

namespace prism {

/// A program and how it is run. Everyone sees the arguments: what is secret goes into the
/// environment, or into a file.
struct Command {
  std::string program;  ///< by its name in $PATH, or by its path
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};  ///< beside our own, and before it
};

/// A program that runs, with pipes to its input and from its output. One thread may write while
/// another reads. It leads a session of its own: it has no terminal to ask anything on, and the
/// terminal's signals are ours alone. Killed, with all that it has started, when it still runs at
/// the end of this object's life.
class PRISM_API ChildProcess {
 public:
  /// Throws Error(configuration) when there is no such program.
  ChildProcess(const Command& command, const Cancel& cancel);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// To its standard input. False when it reads no more. Throws when cancelled.
  bool write(std::string_view bytes);
  void close_input();

  /// From its standard output; 0 at the end. Throws when cancelled.
  std::size_t read(std::span<char> into);

  /// The same, but its own end is one as well: a service that it started and that goes on may
  /// keep the output open.
  std::size_t read_until_exit(std::span<char> into);

  /// Closes its input and output and waits for its end; the exit code, or 128 and the signal. Once
  /// cancelled, it is asked to end, and killed when it doesn't within five seconds.
  int wait();

  /// Whether it has ended, or does within that time; wait() tells how.
  bool ends_within(std::chrono::milliseconds time) const;

  /// Ends it and what it has started at once; wait() tells of it.
  void kill() const;

  /// The last 4 KiB of what it said on its standard error; whole once it has ended.
  std::string errors() const;

  const std::string& name() const { return name_; }

 private:
  void await(int fd, short events) const;
  void end() const;
  void end_and_reap() const;

  std::string name_;
  const Cancel& cancel_;
  pid_t id_ = -1;
  int code_ = -1;
  std::optional<std::size_t> left_;  ///< of the output, once it has ended: what it wrote itself
  FileDescriptor input_, output_, errors_, process_;
};

}  // namespace prism
