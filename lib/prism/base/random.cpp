#include <array>
#include <cerrno>
#include <span>

#include <fmt/format.h>
#include <sys/random.h>

#include <prism/base/error.hpp>
#include <prism/base/random.hpp>

namespace prism {
namespace {

void fill(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno != EINTR) throw system_error(errno, "random numbers of the kernel");
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string random_password(std::size_t length) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // What is left above would make the first ones likelier.
  constexpr std::size_t kEnd = 256 / kAlphabet.size() * kAlphabet.size();
  std::string password;
  while (password.size() < length) {
    std::array<unsigned char, 64> bytes{};
    fill(bytes);
    for (const unsigned char byte : bytes) {
      if (byte < kEnd && password.size() < length) password += kAlphabet[byte % kAlphabet.size()];
    }
  }
  return password;
}

std::string random_uuid() {
  std::array<unsigned char, 16> bytes{};
  fill(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

}  // namespace prism
