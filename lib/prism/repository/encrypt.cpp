#include <array>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
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

/// Not what age says, but that it could not: by the lack of memory, for one.
void require_not_killed(int code) {
  constexpr int kSignal = 128;
  if (code < kSignal) return;
  throw Error(ErrorCode::io, fmt::format("age was ended by signal {}", code - kSignal));
}

std::string begin_of(const std::filesystem::path& file) {
  constexpr std::size_t kEnough = 16 * 1024;
  FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.valid()) throw system_error(errno, file.string());
  std::string begin(kEnough, '\0');
  const ssize_t got = ::read(descriptor.get(), begin.data(), begin.size());
  if (got < 0) throw Error(ErrorCode::configuration, file.string() + ": no file with an identity");
  begin.resize(static_cast<std::size_t>(got));
  return begin;
}

/// A file of age's that is itself encrypted, or an SSH key of one of its three forms.
bool has_passphrase(const std::string& identity) {
  constexpr std::string_view kOpenSsh = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  // "openssh-key-v1", a zero, and the name of the cipher: 4, "none". In base64, up to where that
  // would differ. Source: PROTOCOL.key of OpenSSH.
  constexpr std::string_view kNoCipher = "b3BlbnNzaC1rZXktdjEAAAAABG5vbm";
  for (const char* const sign : {"age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE-----",
                                 "Proc-Type: 4,ENCRYPTED", "BEGIN ENCRYPTED PRIVATE KEY"}) {
    if (identity.find(sign) != std::string::npos) return true;
  }
  const std::size_t at = identity.find(kOpenSsh);
  return at != std::string::npos && !identity.substr(at + kOpenSsh.size()).starts_with(kNoCipher);
}

/// A file for a recipient of a kind that nobody is, whose identity age would look for in vain.
constexpr std::string_view kForNobody =
    "age-encryption.org/v1\n-> prismctl\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
    "0123456789abcdef";

bool is_another_key(const std::string& words) {
  return words.find("no identity matched") != std::string::npos;
}

/// Whether it is for the file or for what is decrypted that age failed.
void require_read_by_age(const std::filesystem::path& identity, const Cancel& cancel) {
  ChildProcess age(decrypting(identity), cancel);
  age.write(kForNobody);
  age.close_input();
  std::array<char, 16> nothing{};
  while (age.read(nothing) > 0) continue;
  require_not_killed(age.wait());
  const std::string words = words_of(age);
  if (is_another_key(words)) return;
  throw Error(ErrorCode::configuration, words, "see backup.identity_file");
}

}  // namespace

void require_recipients(const std::vector<std::string>& recipients, const Cancel& cancel) {
  ChildProcess age(encrypting(recipients), cancel);
  age.close_input();
  std::array<char, 4096> ignored{};
  while (age.read(ignored) > 0) continue;
  const int code = age.wait();
  require_not_killed(code);
  if (code != 0) throw Error(ErrorCode::configuration, words_of(age), "see backup.recipients");
}

void require_identity(const std::filesystem::path& identity) {
  if (!has_passphrase(begin_of(identity))) return;
  throw Error(ErrorCode::configuration,
              identity.string() + ": an identity with a passphrase, for which age asks a terminal",
              "backup.identity_file takes one without, such as age-keygen makes");
}

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

namespace {

std::filesystem::path checked(std::filesystem::path identity) {
  require_identity(identity);
  return identity;
}

}  // namespace

AgeSource::AgeSource(ByteSource& from, std::filesystem::path identity, const Cancel& cancel)
    : from_(from),
      identity_(checked(std::move(identity))),
      cancel_(cancel),
      age_(decrypting(identity_), cancel),
      thread_([this] { feed(); }) {}

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
  const int code = age_.wait();
  if (code == 0) return;
  require_not_killed(code);
  const std::string words = words_of(age_);
  if (is_another_key(words)) {
    throw Error(ErrorCode::permission, words, "see backup.identity_file");
  }
  require_read_by_age(identity_, cancel_);
  throw Error(ErrorCode::bad_data, words);
}

}  // namespace prism::repository
