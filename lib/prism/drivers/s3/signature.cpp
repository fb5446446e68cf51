#include <array>
#include <map>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/hex.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/s3/signature.hpp>

namespace prism::s3 {
namespace {

constexpr const char* kAlgorithm = "AWS4-HMAC-SHA256";

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(sha256_algorithm(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
           digest.data(), &size) == nullptr) {
    throw Error(ErrorCode::internal, "HMAC-SHA256 can't be computed");
  }
  return {reinterpret_cast<const char*>(digest.data()), size};
}

/// Blanks in a row count as one.
std::string canonical(std::string_view value) {
  std::string text;
  for (const char c : trimmed(value)) {
    const char blank = c == '\t' ? ' ' : c;
    if (blank != ' ' || !text.ends_with(' ')) text += blank;
  }
  return text;
}

std::string names_of(const std::map<std::string, std::string>& headers) {
  std::string names;
  for (const auto& [name, value] : headers) {
    if (!names.empty()) names += ';';
    names += name;
  }
  return names;
}

std::string canonical_request(const SignedRequest& request,
                              const std::map<std::string, std::string>& headers) {
  std::string text = fmt::format("{}\n{}\n{}\n", request.method, request.path, request.query);
  for (const auto& [name, value] : headers) text += fmt::format("{}:{}\n", name, value);
  return fmt::format("{}\n{}\n{}", text, names_of(headers), headers.at("x-amz-content-sha256"));
}

}  // namespace

std::string signature_time(std::chrono::system_clock::time_point time) {
  std::string text;
  for (const char c : format_utc(time)) {
    if (c != '-' && c != ':') text += c;
  }
  return text;
}

std::string RequestSigner::key_of(const std::string& date) {
  const std::lock_guard lock(mutex_);
  if (date == date_) return key_;
  std::string key = hmac("AWS4" + signer_.secret_key, date);
  for (const std::string_view part : {std::string_view(signer_.region), std::string_view("s3"),
                                      std::string_view("aws4_request")}) {
    key = hmac(key, part);
  }
  date_ = date;
  key_ = key;
  return key;
}

std::string RequestSigner::authorization(const SignedRequest& request) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) headers[lower_case(name)] = canonical(value);
  const std::string& time = headers.at("x-amz-date");
  const std::string date = time.substr(0, time.find('T'));
  const std::string scope = fmt::format("{}/{}/s3/aws4_request", date, signer_.region);
  const std::string text = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope,
                                       sha256_hex(canonical_request(request, headers)));
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                     signer_.access_key, scope, names_of(headers),
                     hexadecimal(hmac(key_of(date), text)));
}

}  // namespace prism::s3
