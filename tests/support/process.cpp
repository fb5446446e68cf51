#include "support/process.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace prism::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

/// A file in memory, so that a program is never held up by a pipe that nobody reads.
FileDescriptor memory_file(const std::string& content = {}) {
  FileDescriptor file(::memfd_create("prism-test", MFD_CLOEXEC));
  if (!file.valid()) fail("memfd_create");
  if (::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    fail("write");
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string content_of(int file) {
  std::string content;
  char buffer[64 * 1024];
  ::lseek(file, 0, SEEK_SET);
  for (ssize_t got; (got = ::read(file, buffer, sizeof buffer)) > 0;) {
    content.append(buffer, static_cast<std::size_t>(got));
  }
  return content;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// All that the child needs, made before the fork: behind it only system calls are safe.
struct Prepared {
  explicit Prepared(const Launch& of) : launch(of) {
    arguments.push_back(of.program);
    arguments.insert(arguments.end(), of.arguments.begin(), of.arguments.end());
    for (const auto& [name, value] : of.environment) variables.push_back(name + "=" + value);
    argv = pointers_to(arguments);
    envp = pointers_to(variables);
  }

  const Launch& launch;
  std::vector<std::string> arguments, variables;
  std::vector<char*> argv, envp;
};

/// Root keeps its name and loses its right to pass over the modes of files.
void give_up_privileges() {
  for (const unsigned long capability :
       {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_LINUX_IMMUTABLE}) {
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
}

void limit(const Launch& launch) {
  if (launch.file_size_limit) {
    const rlimit size{*launch.file_size_limit, *launch.file_size_limit};
    ::setrlimit(RLIMIT_FSIZE, &size);
  }
  std::signal(SIGXFSZ, launch.ignore_size_signal ? SIG_IGN : SIG_DFL);
  if (!launch.privileged) give_up_privileges();
}

[[noreturn]] void become(Prepared& prepared, int in, int out, int err) {
  constexpr int kNotStarted = 127;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_DFL);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  limit(prepared.launch);
  const auto& folder = prepared.launch.folder;
  if (folder.empty() || ::chdir(folder.c_str()) == 0) {
    ::execve(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
  }
  ::_exit(kNotStarted);
}

}  // namespace

Process::Process(const Launch& launch)
    : name_(launch.program), out_(memory_file()), err_(memory_file()) {
  Prepared prepared(launch);
  const FileDescriptor in = memory_file(launch.input);
  const int out = launch.output < 0 ? out_.get() : launch.output;
  const int err = launch.errors < 0 ? err_.get() : launch.errors;
  id_ = ::fork();
  if (id_ < 0) fail("fork");
  if (id_ == 0) become(prepared, in.get(), out, err);
  handle_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));
  if (!handle_.valid()) fail("pidfd_open");
}

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      name_(std::move(other.name_)),
      handle_(std::move(other.handle_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

Process::~Process() {
  if (id_ < 0) return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void Process::send(int signal) const {
  if (id_ > 0 && ::kill(id_, signal) != 0) fail("kill");
}

bool Process::ends_within(Milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  pollfd ended{handle_.get(), POLLIN, 0};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
    const int ready =
        ::poll(&ended, 1, static_cast<int>(std::max<Milliseconds::rep>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) fail("poll");
  }
}

Ended Process::wait(Milliseconds deadline) {
  if (!ends_within(deadline)) {
    send(SIGKILL);
    const Ended killed = reap();
    throw std::runtime_error(name_ + " did not end in time; it wrote: " + killed.out + killed.err);
  }
  return reap();
}

Ended Process::reap() {
  int status = 0;
  if (::waitpid(std::exchange(id_, -1), &status, 0) < 0) fail("waitpid");
  Ended ended;
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.out = content_of(out_.get());
  ended.err = content_of(err_.get());
  return ended;
}

}  // namespace prism::test
