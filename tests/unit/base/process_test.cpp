#include <array>
#include <csignal>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/base/process.hpp>

#include "support/running.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism {
namespace {

std::string output_of(ChildProcess& child) {
  std::array<char, 4096> block{};
  std::string all;
  while (const std::size_t size = child.read(block)) all.append(block.data(), size);
  return all;
}

Command shell(const std::string& script) { return {.program = "sh", .arguments = {"-c", script}}; }

}  // namespace

TEST_CASE("process: what it says and how it ends") {
  const Cancel cancel;
  ChildProcess child(shell("echo out; echo trouble >&2; exit 7"), cancel);
  CHECK(output_of(child) == "out\n");
  CHECK(child.wait() == 7);
  CHECK(child.wait() == 7);
  CHECK(child.errors() == "trouble");
  ChildProcess killed(shell("kill -9 $$"), cancel);
  CHECK(killed.wait() == 128 + 9);
}

TEST_CASE("process: much goes in and out at once") {
  const Cancel cancel;
  ChildProcess child({.program = "cat"}, cancel);
  const std::string much(3'000'000, 'x');
  std::thread writer([&] {
    CHECK(child.write(much));
    child.close_input();
  });
  CHECK(output_of(child).size() == much.size());
  writer.join();
  CHECK(child.wait() == 0);
}

TEST_CASE("process: who reads no more is told, and ends nothing of ours") {
  const Cancel cancel;
  ChildProcess child(shell("exec <&-; echo closed; sleep 60"), cancel);
  std::array<char, 16> word{};
  CHECK(child.read(word) > 0);
  CHECK_FALSE(child.write(std::string(1'000'000, 'x')));
}

TEST_CASE("process: its environment is ours and what is put before it") {
  const Cancel cancel;
  Command command = shell("echo \"$SECRET ${PATH:+path}\"");
  command.environment = {{"SECRET", "s3cret"}};
  ChildProcess child(command, cancel);
  CHECK(output_of(child) == "s3cret path\n");
}

TEST_CASE("process: a program that isn't there is configuration") {
  const Cancel cancel;
  const auto missing =
      test::thrown_by([&] { ChildProcess({.program = "no-such-program"}, cancel); });
  CHECK(missing.code == ErrorCode::configuration);
  CHECK(missing.says("'no-such-program'"));
}

TEST_CASE("process: a child that hangs is left when we are told to end, and is gone then") {
  Cancel cancel;
  ChildProcess child(shell("sleep 600"), cancel);
  std::array<char, 16> word{};
  cancel.request(2);
  CHECK(test::thrown_by([&] { child.read(word); }).code == ErrorCode::interrupted);
}

TEST_CASE("process: what a child has started is gone with it") {
  const Cancel cancel;
  pid_t started = 0;
  {
    ChildProcess child(shell("sleep 600 & echo $!; wait"), cancel);
    std::array<char, 16> word{};
    const std::size_t size = child.read(word);
    started = std::stoi(std::string(word.data(), size));
    REQUIRE(test::is_running(started));
  }
  CHECK(test::comes_true([&] { return !test::is_running(started); }));
}

TEST_CASE("process: its own end is one of its output, whoever keeps that open") {
  const Cancel cancel;
  ChildProcess child(shell("sleep 600 & echo $!; echo last"), cancel);
  std::array<char, 16> block{};
  std::string all;
  while (const std::size_t size = child.read_until_exit(block)) all.append(block.data(), size);
  CHECK(all.ends_with("\nlast\n"));
  CHECK(child.wait() == 0);
  const pid_t started = std::stoi(all);
  CHECK(test::is_running(started));
  ::kill(started, SIGKILL);
}

TEST_CASE("process: one that was started and never stops to write is not read for ever") {
  const Cancel cancel;
  ChildProcess child(shell("yes & echo $! >&2"), cancel);
  std::array<char, 4096> block{};
  while (child.read_until_exit(block) > 0) continue;
  CHECK(child.wait() == 0);
  ::kill(std::stoi(child.errors()), SIGKILL);
}

TEST_CASE("process: a child has a session of its own, and no terminal to ask on") {
  const Cancel cancel;
  ChildProcess child(shell("cat /proc/self/stat; echo $$; (: </dev/tty) 2>&- || echo none"),
                     cancel);
  const std::string all = output_of(child);
  std::istringstream words(all);
  std::string word, session, shell_id;
  for (int i = 0; i < 6; ++i) words >> session;
  while (words >> word && word != "none") shell_id = word;
  CHECK(session == shell_id);
  CHECK(word == "none");
  child.wait();
}

TEST_CASE("process: one that says no more and doesn't end is ended when its time is over") {
  Cancel cancel;
  ChildProcess child(shell("exec >&-; sleep 600; :"), cancel);
  std::array<char, 16> word{};
  CHECK(child.read(word) == 0);
  cancel.request(15);
  CHECK(child.wait() == 128 + 15);
}

}  // namespace prism
