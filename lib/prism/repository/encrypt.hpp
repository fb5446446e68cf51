#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <prism/base/process.hpp>
#include <prism/base/stream.hpp>

namespace prism::repository {

/// Encrypts for age recipients (X25519 `age1…`, or SSH keys) by Debian's `age` in a pipe: what it
/// makes is opened by plain `age -d -i KEY`. C2SP: age-encryption.org/v1.
class PRISM_API AgeSink : public ByteSink {
 public:
  AgeSink(ByteSink& next, const std::vector<std::string>& recipients, const Cancel& cancel);
  ~AgeSink() override;

  void write(std::string_view bytes) override;
  /// Throws Error(configuration) with age's words where it failed: a recipient is none.
  void finish() override;

 private:
  void pass_on() noexcept;
  [[noreturn]] void fail();

  ByteSink& next_;
  ChildProcess age_;
  std::exception_ptr failure_;  ///< of the thread; read once it has ended
  std::thread thread_;
};

/// Throws Error(configuration) with age's words where one of them is none, or age is not there.
PRISM_API void require_recipients(const std::vector<std::string>& recipients, const Cancel& cancel);

/// Throws where the file can't be an identity: Error(input_missing), Error(permission), and
/// Error(configuration) for one with a passphrase, for which age would ask a terminal.
PRISM_API void require_identity(const std::filesystem::path& identity);

/// Decrypts what an identity (a file of age's, or an SSH key without a passphrase) is for.
class PRISM_API AgeSource : public ByteSource {
 public:
  /// Throws as require_identity does.
  AgeSource(ByteSource& from, std::filesystem::path identity, const Cancel& cancel);
  ~AgeSource() override;

  /// Throws Error(bad_data) with age's words for what is damaged, Error(permission) where the
  /// identity is not one of the recipients (or the place that names them is damaged), and
  /// Error(configuration) where the file holds no identity.
  std::size_t read(std::span<char> into) override;

 private:
  void feed() noexcept;
  void end();

  ByteSource& from_;
  std::filesystem::path identity_;
  const Cancel& cancel_;
  ChildProcess age_;
  std::exception_ptr failure_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace prism::repository
