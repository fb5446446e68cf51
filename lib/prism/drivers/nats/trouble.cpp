#include <prism/base/text.hpp>
#include <prism/drivers/nats/trouble.hpp>

namespace prism::nats {
namespace {

constexpr const char* kLoginHint =
    "check user, password or token in the URL, or NATS_USER, NATS_PASSWORD, NATS_TOKEN, NATS_CREDS";

std::string text_of(natsStatus status) { return lower_case(natsStatus_GetText(status)); }

/// The library's own last words of this thread, such as those of OpenSSL.
std::string last_words() {
  natsStatus status = NATS_OK;
  const char* const words = nats_GetLastError(&status);
  return words == nullptr ? "" : words;
}

Error lost(const std::string& where, const std::string& doing) {
  return {ErrorCode::unavailable, where + ": the connection was lost while " + doing,
          "see the server's log; try again once it answers"};
}

}  // namespace

Error connect_trouble(natsStatus status, const std::string& where) {
  switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
      return {ErrorCode::permission, where + ": user and password are not accepted", kLoginHint};
    case NATS_NOT_PERMITTED:
      return {ErrorCode::permission, where + ": we may not connect: " + last_words(), kLoginHint};
    case NATS_SSL_ERROR:
      return {ErrorCode::permission, where + ": TLS: " + last_words(),
              "NATS_CA names the certificates that are trusted"};
    case NATS_SECURE_CONNECTION_REQUIRED:
      return {ErrorCode::configuration, where + ": the server takes TLS alone",
              "name it tls://host:port"};
    case NATS_SECURE_CONNECTION_WANTED:
      return {ErrorCode::configuration, where + ": the server has no TLS",
              "name it nats://host:port"};
    default:
      return {ErrorCode::unavailable, where + ": can't be reached: " + text_of(status),
              "see that nats-server runs there, or wait for it with --wait SECONDS"};
  }
}

Error trouble(natsStatus status, std::string_view words, const std::string& where,
              const std::string& doing) {
  const bool forbidden = lower_case(words).find("permissions violation") != std::string::npos;
  if (status == NATS_NOT_PERMITTED || forbidden) {
    return {ErrorCode::permission, where + ": a right is missing: " + std::string(words),
            "the README lists the subjects that the user needs"};
  }
  switch (status) {
    case NATS_NO_RESPONDERS:
      return {ErrorCode::configuration, where + ": the server has no JetStream",
              "start it with -js, or with jetstream {} in its configuration"};
    case NATS_TIMEOUT:
      return {ErrorCode::unavailable, where + ": no answer while " + doing,
              "PRISMCTL_NATS_TIMEOUT allows for more time; see the server's log"};
    case NATS_SLOW_CONSUMER:
      return {ErrorCode::io,
              where + ": chunks came faster than they could be stored, and were lost",
              "the repository must take what the server sends at some MB/s"};
    case NATS_MAX_PAYLOAD:
      return {ErrorCode::configuration, where + ": more than the server's max_payload: " + doing,
              "raise max_payload there"};
    case NATS_CONNECTION_CLOSED:
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_STALE_CONNECTION:
    case NATS_IO_ERROR:
    case NATS_INVALID_SUBSCRIPTION:
      return lost(where, doing);
    default:
      return {ErrorCode::internal, where + ": " + text_of(status) + " while " + doing};
  }
}

Error api_trouble(const ApiError& error, const std::string& where, const std::string& doing) {
  const std::string what = where + ": " + doing + ": " + error.message;
  if (error.number == 10039 || error.number == 10076) {  // not enabled (for this account)
    return {ErrorCode::configuration, what, "JetStream must be on, for this account too"};
  }
  if (error.code == 404) return {ErrorCode::input_missing, what};
  if (error.code == 503) return {ErrorCode::unavailable, what, "try again later"};
  if (error.code == 500) return {ErrorCode::io, what, "see the server's log"};
  return {ErrorCode::refused, what, "see the server's log"};
}

}  // namespace prism::nats
