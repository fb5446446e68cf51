#include "console/prompt.hpp"

#include <cerrno>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prismctl {
namespace {

constexpr std::size_t kLongestLine = 4096;

/// Does not show what is typed for as long as it lives. The keys that would end or stop the program
/// behind its back are off: the shell would be left with a terminal that shows nothing.
class EchoOff {
 public:
  EchoOff() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) throw prism::system_error(errno, "the terminal");
    termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    unseen.c_cc[VQUIT] = _POSIX_VDISABLE;
    unseen.c_cc[VSUSP] = _POSIX_VDISABLE;
    if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) != 0) {
      throw prism::system_error(errno, "the terminal");
    }
  }
  ~EchoOff() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
};

void show(std::string_view text) { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

/// Appends what is there next; false at the end of the input. A signal is noticed soon, and before
/// it could end the program.
bool read_some(std::string& text, std::size_t most, const prism::Cancel& cancel) {
  constexpr int kAsked = 100;  // milliseconds
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (::poll(&input, 1, kAsked) <= 0) cancel.check();
  cancel.check();
  char buffer[4096];
  const ssize_t got = ::read(STDIN_FILENO, buffer, std::min(most, sizeof buffer));
  if (got < 0 && errno != EINTR) throw prism::system_error(errno, "standard input");
  if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
  return got != 0;
}

/// Byte by byte: what is typed ahead is the next answer.
std::string read_line(const prism::Cancel& cancel) {
  std::string line;
  while (line.size() < kLongestLine && read_some(line, 1, cancel)) {
    if (!line.ends_with('\n')) continue;
    line.pop_back();
    break;
  }
  return line;
}

}  // namespace

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

std::string read_input(std::size_t limit, const prism::Cancel& cancel) {
  std::string text;
  while (text.size() <= limit) {
    if (!read_some(text, limit + 1, cancel)) return text;
  }
  throw prism::Error(
      prism::ErrorCode::bad_data,
      "standard input: more than " + prism::with_separators(limit) + " bytes, expected one line");
}

std::string ask(std::string_view question, const prism::Cancel& cancel) {
  show(question);
  return read_line(cancel);
}

std::array<std::string, 2> ask_unseen(const std::array<std::string, 2>& questions,
                                      const prism::Cancel& cancel) {
  const EchoOff echo_off;
  std::array<std::string, 2> answers;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    show(questions[i]);
    answers[i] = read_line(cancel);
    show("\n");
  }
  return answers;
}

}  // namespace prismctl
