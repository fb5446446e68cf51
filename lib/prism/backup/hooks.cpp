#include <array>

#include <fmt/format.h>

#include <prism/backup/hooks.hpp>
#include <prism/base/error.hpp>
#include <prism/base/process.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

/// The end of what it said, in one line.
std::string words_of(const std::string& text) {
  constexpr std::size_t kMost = 200;
  const std::string_view words = trimmed(text);
  const std::string_view end = words.substr(words.size() - std::min(words.size(), kMost));
  return end.empty() ? "" : ": " + std::string(end.substr(end.rfind('\n') + 1));
}

}  // namespace

void HookRunner::before(const Cancel& cancel) {
  if (!hooks_.before.empty()) run(hooks_.before, "before", "", cancel);
}

std::string HookRunner::after(const std::string& result) noexcept {
  constexpr std::chrono::minutes kLimit{10};
  if (hooks_.after.empty()) return {};
  try {
    Cancel limit;
    limit.limit_time(kLimit);
    run(hooks_.after, "after", result, limit);
    return {};
  } catch (const std::exception& e) {
    log_->error(e.what());
    return e.what();
  }
}

void HookRunner::run(const std::string& line, const std::string& when, const std::string& result,
                     const Cancel& cancel) {
  Command command{.program = "/bin/sh",
                  .arguments = {"-c", line},
                  .environment = {{"PRISMCTL_OPERATION", occasion_.operation},
                                  {"PRISMCTL_TARGET", occasion_.target},
                                  {"PRISMCTL_RESULT", result}}};
  ChildProcess shell(command, cancel);
  shell.close_input();
  std::string said;
  std::array<char, 4096> block{};
  constexpr std::size_t kKept = std::size_t{64} << 10;
  while (const std::size_t size = shell.read_until_exit(block)) {
    if (said.size() < kKept) said.append(block.data(), size);
  }
  const int code = shell.wait();
  const std::string name =
      occasion_.target.empty() ? "hook" : "target " + occasion_.target + ": hook";
  if (!said.empty()) log_->info(fmt::format("{} {}{}", name, when, words_of(said)));
  if (code == 0) return;
  cancel.check();
  throw Error(ErrorCode::critical,
              fmt::format("{} {} the {} ended with {}{}", name, when, occasion_.operation, code,
                          words_of(shell.errors())));
}

}  // namespace prism::backup
