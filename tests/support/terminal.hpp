#pragma once

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "support/process.hpp"

namespace prism::test {

/// A pseudoterminal: what a program writes to `program` is read from it.
class Terminal {
 public:
  Terminal() : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(ours_.valid());
    REQUIRE(::grantpt(ours_.get()) == 0);
    REQUIRE(::unlockpt(ours_.get()) == 0);
    program_ = FileDescriptor(::open(::ptsname(ours_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(program_.valid());
  }

  int program() const { return program_.get(); }

  /// The same program, but with the terminal as its standard input and error.
  Launch on_it(Launch launch) const {
    launch.arguments.insert(launch.arguments.begin(), launch.program);
    const std::string tty = ::ptsname(ours_.get());
    launch.arguments.insert(launch.arguments.begin(),
                            {"-c", "exec \"$0\" \"$@\" <" + tty + " 2>" + tty});
    launch.program = "/bin/sh";
    return launch;
  }

  /// Runs a program to its end and gives all that it wrote here.
  std::string read_all(Process& process) {
    std::string text;
    while (!process.ends_within(Process::Milliseconds(0))) read_some(text, 20);
    while (read_some(text, 0)) {
    }
    return text;
  }

  /// Reads until the words are there; false when they don't come.
  bool shows(std::string& text, const std::string& words) {
    constexpr int kTries = 1500;
    for (int i = 0; i < kTries && text.find(words) == std::string::npos; ++i) read_some(text, 20);
    return text.find(words) != std::string::npos;
  }

  void type(const std::string& keys) {
    REQUIRE(::write(ours_.get(), keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }

  /// Whether it shows what is typed.
  bool echoes() const {
    termios state{};
    REQUIRE(::tcgetattr(program_.get(), &state) == 0);
    return (state.c_lflag & ECHO) != 0;
  }

  /// Whether there was something to read.
  bool read_some(std::string& text, int milliseconds) {
    pollfd readable{ours_.get(), POLLIN, 0};
    if (::poll(&readable, 1, milliseconds) <= 0) return false;
    char buffer[4096];
    const ssize_t got = ::read(ours_.get(), buffer, sizeof buffer);
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

 private:
  FileDescriptor ours_;
  FileDescriptor program_;
};

}  // namespace prism::test
