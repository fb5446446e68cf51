#include <array>

#include <prism/base/error.hpp>
#include <prism/repository/encrypt.hpp>

namespace prism::repository {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

Command encrypting(const std::vector<std::string>& recipients) {
  Command command{.program = "age", .arguments = {"--encrypt"}};
  for (const std::string& recipient : recipients) {
    command.arguments.insert(command.arguments.end(), {"--recipient", recipient});
  }
  return command;
}

Command decrypting(const std::filesystem::path& identity) {
  return {.program = "age", .arguments = {"--decrypt", "--identity", identity.string()}};
}

/// What age says first, without its name.
std::string words_of(const ChildProcess& age) {
  constexpr std::string_view kName = "age: ";
  std::string words = age.errors();
  words.resize(std::min(words.size(), words.find('\n')));
  if (words.starts_with(kName)) words.erase(0, kName.size());
  return "age: " + words;
}

}  // namespace

// ---- AgeSink ------------------------------------------------------------------------------------

AgeSink::AgeSink(ByteSink& next, const std::vector<std::string>& recipients, const Cancel& cancel)
    : next_(next), age_(encrypting(recipients), cancel), thread_([this] { pass_on(); }) {}

AgeSink::~AgeSink() {
  age_.close_input();
  if (thread_.joinable()) thread_.join();
}

void AgeSink::pass_on() noexcept {
  try {
    std::array<char, kBlock> block{};
    while (const std::size_t size = age_.read(block)) next_.write({block.data(), size});
  } catch (...) {
    failure_ = std::current_exception();
    age_.kill();  // else who writes to it would wait for ever
  }
}

void AgeSink::write(std::string_view bytes) {
  if (!age_.write(bytes)) fail();
}

void AgeSink::finish() {
  age_.close_input();
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  if (age_.wait() != 0) fail();
  next_.finish();
}

void AgeSink::fail() {
  age_.close_input();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  age_.wait();
  throw Error(ErrorCode::configuration, words_of(age_), "see backup.recipients");
}

// ---- AgeSource ----------------------------------------------------------------------------------

AgeSource::AgeSource(ByteSource& from, const std::filesystem::path& identity, const Cancel& cancel)
    : from_(from), age_(decrypting(identity), cancel), thread_([this] { feed(); }) {}

/// Who stops before the end leaves a child that waits to be read: it is killed with its object,
/// which lets the thread go.
AgeSource::~AgeSource() {
  age_.kill();
  if (thread_.joinable()) thread_.join();
}

void AgeSource::feed() noexcept {
  try {
    std::array<char, kBlock> block{};
    while (const std::size_t size = from_.read(block)) {
      if (!age_.write({block.data(), size})) break;
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  age_.close_input();
}

std::size_t AgeSource::read(std::span<char> into) {
  if (ended_) return 0;
  const std::size_t size = age_.read(into);
  if (size == 0) end();
  return size;
}

void AgeSource::end() {
  ended_ = true;
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  if (age_.wait() == 0) return;
  const std::string words = words_of(age_);
  if (words.find("no identity matched") == std::string::npos) {
    throw Error(ErrorCode::bad_data, words);
  }
  throw Error(ErrorCode::permission, words, "see backup.identity_file");
}

}  // namespace prism::repository
