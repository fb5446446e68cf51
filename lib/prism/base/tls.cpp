#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <prism/base/error.hpp>
#include <prism/base/tls.hpp>

namespace prism::tls {
namespace {

/// The first of OpenSSL's queued errors in its own words; the queue is empty afterwards.
std::string queued_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const words = code == 0 ? nullptr : ERR_reason_error_string(code);
  return words == nullptr ? "no reason given" : words;
}

[[noreturn]] void unusable(const std::filesystem::path& file, const char* what) {
  const int fopen_error = errno;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    throw Error(ErrorCode::configuration, file.string() + ": " + what + " is not there");
  }
  const std::string reason = queued_error();
  if (fopen_error == EACCES) throw system_error(EACCES, file.string());
  throw Error(ErrorCode::configuration,
              file.string() + ": cannot be used as " + what + ": " + reason,
              "a PEM file was expected");
}

int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

/// OpenSSL's own socket BIO writes with write(), which raises SIGPIPE.
int send_bytes(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(fd_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int receive_bytes(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(fd_of(bio), into, static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

std::string hint_for(long verification) {
  switch (verification) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "renew the server's certificate, or set this machine's clock";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "use a name that the certificate bears, or give the server one that names this host";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "name the certificate of who signed it as the CA file";
    default:
      return {};
  }
}

bool is_address(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), buffer) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

}  // namespace

Session::Session(int fd, const Endpoint& endpoint, const TlsOptions& options)
    : where_(endpoint.text()),
      verify_(options.verify),
      context_(SSL_CTX_new(TLS_client_method())),
      method_(BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "prism socket")) {
  if (!context_ || !method_) throw Error(ErrorCode::internal, "TLS: " + queued_error());
  load(options);
  ssl_.reset(SSL_new(context_.get()));
  if (!ssl_) throw Error(ErrorCode::internal, "TLS: " + queued_error());
  expect_host(endpoint);
  attach(fd);
}

void Session::load(const TlsOptions& options) {
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  errno = 0;
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
    unusable(options.ca_file, "the CA file");
  }
  if (options.certificate_file.empty()) return;
  const auto& key = options.key_file.empty() ? options.certificate_file : options.key_file;
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
    unusable(options.certificate_file, "the client certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    unusable(key, "the private key");
  }
}

void Session::expect_host(const Endpoint& endpoint) {
  SSL* const ssl = ssl_.get();
  if (is_address(endpoint.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), endpoint.host.c_str());
    return;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl, endpoint.host.c_str()) != 1 ||
      SSL_set_tlsext_host_name(ssl, endpoint.host.c_str()) != 1) {
    throw Error(ErrorCode::configuration, where_ + ": no host name that TLS can ask for");
  }
}

void Session::attach(int fd) {
  BIO_meth_set_write(method_.get(), send_bytes);
  BIO_meth_set_read(method_.get(), receive_bytes);
  BIO_meth_set_ctrl(method_.get(), control);
  BIO* const bio = BIO_new(method_.get());
  if (bio == nullptr) throw Error(ErrorCode::internal, "TLS: " + queued_error());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_connect_state(ssl_.get());
}

Need Session::handshake() {
  ERR_clear_error();
  return need_of(SSL_do_handshake(ssl_.get()), "no TLS connection");
}

std::size_t Session::read(std::span<char> into) {
  ERR_clear_error();
  std::size_t moved = 0;
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &moved);
  const Need need = need_of(result, "the connection was lost");
  read_needs_ = need == Need::nothing ? Need::read : need;
  return moved;
}

std::size_t Session::write(std::string_view bytes) {
  ERR_clear_error();
  std::size_t moved = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &moved);
  const Need need = need_of(result, "the connection was lost");
  write_needs_ = need == Need::nothing ? Need::write : need;
  return moved;
}

Need Session::need_of(int result, const char* doing) {
  if (result > 0) return Need::nothing;
  const int system_error = errno;
  switch (const int error = SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Need::read;
    case SSL_ERROR_WANT_WRITE:
      return Need::write;
    default:
      fail(doing, error, system_error);
  }
}

void Session::fail(const char* doing, int error, int system_error) {
  const std::string what = where_ + ": " + doing + ": ";
  const long verification = SSL_get_verify_result(ssl_.get());
  if (verify_ && verification != X509_V_OK) {
    throw Error(ErrorCode::permission,
                where_ + ": its certificate is not accepted: " +
                    X509_verify_cert_error_string(verification),
                hint_for(verification));
  }
  if (error == SSL_ERROR_ZERO_RETURN) {
    throw Error(ErrorCode::unavailable, what + "closed by the server");
  }
  if (error == SSL_ERROR_SYSCALL) {
    throw Error(ErrorCode::unavailable,
                what + (system_error == 0 ? "closed by the server"
                                          : std::system_category().message(system_error)));
  }
  const unsigned long code = ERR_peek_error();
  // The other side's alert about our certificate: absent, unknown or refused.
  const int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED ||
      reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE || reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA ||
      reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE) {
    throw Error(ErrorCode::permission, what + queued_error(),
                "the server may ask for a client certificate that it trusts");
  }
  const std::string words = queued_error();
  if (words == "unexpected eof while reading") {
    throw Error(ErrorCode::unavailable, what + "closed by the server");
  }
  throw Error(ErrorCode::unavailable, what + words,
              words == "wrong version number" ? "the server may not speak TLS on this port" : "");
}

}  // namespace prism::tls
