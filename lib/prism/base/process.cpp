#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/process.hpp>
#include <prism/base/text.hpp>

extern char** environ;

namespace prism {
namespace {

/// How often a wait asks whether it is cancelled.
constexpr std::chrono::duration<int, std::milli> kSlice{100};

/// What a child may write ahead. The system's 64 KiB would have both sides wait for each other all
/// the time.
constexpr int kWriteAhead = 1 << 20;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error(errno, "pipe");
    ::fcntl(ends[1], F_SETPIPE_SZ, kWriteAhead);  // where it may not, it is as it was
    from = FileDescriptor(ends[0]);
    to = FileDescriptor(ends[1]);
  }

  FileDescriptor from, to;
};

/// For the input of a child: unlike a pipe, it can be written to without a SIGPIPE, which would end
/// a program that doesn't expect one.
struct SocketPair {
  SocketPair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw system_error(errno, "socketpair");
    }
    from = FileDescriptor(ends[0]);
    to = FileDescriptor(ends[1]);
  }

  FileDescriptor from, to;
};

/// Texts as exec takes them.
class Pointers {
 public:
  explicit Pointers(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }

  char* const* data() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words{command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  return words;
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> all;
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  for (char** ours = environ; *ours != nullptr; ++ours) {
    const std::string_view variable(*ours);
    const std::string name(variable.substr(0, variable.find('=')));
    if (!command.environment.contains(name)) all.emplace_back(variable);
  }
  return all;
}

/// What a child is started with: its three descriptors, a session of its own, and none of our
/// signal handling.
class Start {
 public:
  Start(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t restored;
    sigemptyset(&restored);
    sigaddset(&restored, SIGPIPE);
    sigaddset(&restored, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes_, &restored);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  ~Start() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  pid_t run(const Command& command) const {
    const Pointers words(words_of(command));
    const Pointers environment(environment_of(command));
    pid_t id = -1;
    const int result = ::posix_spawnp(&id, command.program.c_str(), &actions_, &attributes_,
                                      words.data(), environment.data());
    if (result == 0) return id;
    if (result != ENOENT) throw system_error(result, command.program);
    throw Error(ErrorCode::configuration, "there is no program " + in_quotes(command.program),
                "install it, or put its folder into PATH");
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

ChildProcess::ChildProcess(const Command& command, const Cancel& cancel)
    : name_(command.program), cancel_(cancel), errors_(::memfd_create("errors", MFD_CLOEXEC)) {
  SocketPair input;
  Pipe output;
  const Start start(input.from.get(), output.to.get(), errors_.get());
  id_ = start.run(command);
  process_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));
  if (!process_.valid()) {
    const Error error = system_error(errno, name_);
    end_and_reap();
    throw error;
  }
  input_ = std::move(input.to);
  output_ = std::move(output.from);
}

ChildProcess::~ChildProcess() {
  if (id_ >= 0) end_and_reap();
}

void ChildProcess::end_and_reap() const {
  kill();
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) continue;
}

void ChildProcess::await(int fd, short events) const {
  for (;;) {
    cancel_.check();
    pollfd waiting{fd, events, 0};
    if (::poll(&waiting, 1, kSlice.count()) > 0) return;
  }
}

bool ChildProcess::write(std::string_view bytes) {
  while (!bytes.empty()) {
    // Without waiting: a child that reads nothing must not keep us from being cancelled.
    const ssize_t written =
        ::send(input_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      await(input_.get(), POLLOUT);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return false;
    } else if (errno != EINTR) {
      throw system_error(errno, name_);
    }
  }
  return true;
}

void ChildProcess::close_input() { input_.reset(); }

std::size_t ChildProcess::read(std::span<char> into) {
  for (;;) {
    await(output_.get(), POLLIN);
    const ssize_t got = ::read(output_.get(), into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw system_error(errno, name_);
  }
}

std::size_t ChildProcess::read_until_exit(std::span<char> into) {
  while (!left_) {
    cancel_.check();
    std::array<pollfd, 2> waiting{pollfd{output_.get(), POLLIN, 0},
                                  pollfd{process_.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), kSlice.count()) <= 0) continue;
    if (waiting[0].revents != 0) return read(into);
    // It may have written between the two looks.
    int left = 0;
    left_ = ::ioctl(output_.get(), FIONREAD, &left) == 0 ? static_cast<std::size_t>(left) : 0;
  }
  if (*left_ == 0) return 0;
  const std::size_t size = read(into.first(std::min(into.size(), *left_)));
  *left_ -= size;
  return size;
}

/// Its process group bears its number, which is no other's before it has been waited for.
void ChildProcess::kill() const {
  if (id_ >= 0) ::kill(-id_, SIGKILL);
}

bool ChildProcess::ends_within(std::chrono::milliseconds time) const {
  pollfd waiting{process_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(time.count())) > 0;
}

/// By asking first.
void ChildProcess::end() const {
  constexpr std::chrono::seconds kGrace{5};
  ::kill(-id_, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + kGrace;
  while (!ends_within(kSlice)) {
    if (std::chrono::steady_clock::now() >= until) return kill();
  }
}

int ChildProcess::wait() {
  if (id_ < 0) return code_;
  close_input();
  output_.reset();
  while (!ends_within(kSlice)) {
    if (!cancel_.requested()) continue;
    end();
    break;
  }
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0) {
    if (errno != EINTR) throw system_error(errno, name_);
  }
  id_ = -1;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code_;
}

std::string ChildProcess::errors() const {
  constexpr off_t kMost = 4096;
  const off_t size = ::lseek(errors_.get(), 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - kMost);
  std::string words(static_cast<std::size_t>(std::max<off_t>(0, size - begin)), '\0');
  const ssize_t got = ::pread(errors_.get(), words.data(), words.size(), begin);
  words.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return std::string(trimmed(words));
}

}  // namespace prism
