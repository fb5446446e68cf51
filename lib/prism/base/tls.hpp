#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include <prism/base/socket.hpp>

namespace prism::tls {

/// What a step of TLS needs before it can go on.
enum class Need { nothing, read, write };

/// TLS (1.2 or newer, by OpenSSL) over a connected socket that doesn't block.
class Session {
 public:
  /// `fd` stays the caller's. Throws Error(permission, configuration or io) for files of `options`
  /// that can't be used.
  Session(int fd, const Endpoint& endpoint, const TlsOptions& options);

  /// One step of the handshake; `nothing`: it is done. Throws Error(permission) when the other side
  /// is not who it should be, or refuses us.
  Need handshake();

  /// Bytes moved; 0: nothing now, and read_needs or write_needs says what is waited for.
  std::size_t read(std::span<char> into);
  std::size_t write(std::string_view bytes);
  Need read_needs() const { return read_needs_; }
  Need write_needs() const { return write_needs_; }

  /// Bytes were received already that read() would give.
  bool pending() const { return SSL_pending(ssl_.get()) > 0; }

 private:
  template <auto Free>
  struct Freer {
    template <typename Object>
    void operator()(Object* object) const {
      Free(object);
    }
  };

  void load(const TlsOptions& options);
  void expect_host(const Endpoint& endpoint);
  void attach(int fd);
  /// Throws for what OpenSSL calls an error, else tells what it needs.
  Need need_of(int result, const char* doing);
  [[noreturn]] void fail(const char* doing, int error, int system_error);

  std::string where_;
  bool verify_;
  std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>> context_;
  std::unique_ptr<BIO_METHOD, Freer<BIO_meth_free>> method_;
  std::unique_ptr<SSL, Freer<SSL_free>> ssl_;
  Need read_needs_ = Need::read;
  Need write_needs_ = Need::write;
};

}  // namespace prism::tls
