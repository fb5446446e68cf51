#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/process.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/offline_dump.hpp>
#include <prism/drivers/neo4j/store_dump.hpp>

namespace prism::neo4j {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;

Command shell(const std::string& line) { return {.program = "/bin/sh", .arguments = {"-c", line}}; }

/// The last line of a text that isn't a hint on how to get more words.
std::string last_words(const std::string& text) {
  constexpr std::size_t kMost = 300;
  std::string last;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trimmed(std::string_view(text).substr(begin, end - begin));
    if (!line.empty() && !line.starts_with("Run with '--verbose'")) last = line;
    begin = end + 1;
  }
  return last.empty() ? "" : ": " + last.substr(0, kMost);
}

void require_success(ChildProcess& process, const char* command, const Cancel& cancel) {
  const int code = process.wait();
  cancel.check();
  if (code == 0) return;
  throw Error(ErrorCode::critical,
              fmt::format("{} ended with {}{}", command, code, last_words(process.errors())),
              "the server must be stopped for it: see before and after of a target");
}

/// Passes what a process writes by, on a thread of its own, so that it never waits for us. Its last
/// part is kept for where it fails.
class OutputDrain {
 public:
  explicit OutputDrain(ChildProcess& process) : thread_([&process] { drain(process); }) {}
  ~OutputDrain() { thread_.join(); }
  OutputDrain(const OutputDrain&) = delete;
  OutputDrain& operator=(const OutputDrain&) = delete;

 private:
  static void drain(ChildProcess& process) noexcept {
    try {
      std::vector<char> block(kBlock);
      while (process.read(block) > 0) continue;
    } catch (const std::exception&) {
      return;  // cancelled, which the other side sees as well
    }
  }

  std::thread thread_;
};

}  // namespace

backup::Content dump_store(const std::string& command, backup::ArtifactWriter& artifacts,
                           const Cancel& cancel) {
  ChildProcess process(shell(command), cancel);
  process.close_input();
  StoreDumpSurvey survey;
  const auto sink = artifacts.create(kStoreArtifact);
  std::vector<char> block(kBlock);
  std::exception_ptr unsound;
  while (const std::size_t size = process.read(block)) {
    const std::string_view bytes(block.data(), size);
    try {
      if (!unsound) survey.add(bytes);
    } catch (const Error&) {
      unsound = std::current_exception();  // unless the command has more to say of it
    }
    sink->write(bytes);
  }
  require_success(process, "dump_command", cancel);
  if (unsound) std::rethrow_exception(unsound);
  survey.finish();
  sink->finish();
  return survey.content();
}

backup::Content check_store(backup::ArtifactReader& artifacts, const Cancel& cancel) {
  const auto source = artifacts.open(kStoreArtifact);
  StoreDumpSurvey survey;
  std::vector<char> block(kBlock);
  while (const std::size_t size = source->read(block)) {
    cancel.check();
    survey.add({block.data(), size});
  }
  survey.finish();
  return survey.content();
}

backup::Content load_store(const std::string& command, backup::ArtifactReader& artifacts,
                           const Cancel& cancel) {
  const backup::Content content = check_store(artifacts, cancel);
  const auto source = artifacts.open(kStoreArtifact);
  ChildProcess process(shell(command), cancel);
  {
    const OutputDrain drain(process);
    std::vector<char> block(kBlock);
    try {
      while (const std::size_t size = source->read(block)) {
        if (!process.write({block.data(), size})) break;
      }
    } catch (...) {
      process.kill();
      throw;
    }
    process.close_input();
  }
  require_success(process, "load_command", cancel);
  return content;
}

}  // namespace prism::neo4j
