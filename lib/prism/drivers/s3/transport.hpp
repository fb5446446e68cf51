#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/s3/address.hpp>
#include <prism/drivers/s3/request.hpp>
#include <prism/drivers/s3/signature.hpp>

namespace prism::s3 {

/// Sends requests over HTTP/1.1 by libcurl, signed (AWS Signature Version 4, payload included).
/// Keeps connections open for the next ones. Several threads may call.
class Transport {
 public:
  /// Throws Error(configuration) without keys.
  Transport(Address address, config::S3Settings settings, const Cancel& cancel);
  ~Transport();

  /// One try. Throws Failure when the answer did not come, or not all of it; `answer` holds what
  /// came then. `answer.status` is 0 where nothing did.
  void exchange(const Request& request, Answer& answer);

  /// The body of an answer that nobody needs any more: the next one lies in its memory. That has
  /// been paid for once: the kernel clears each page that it gives.
  void reuse(std::string body);

  const Address& address() const { return address_; }
  const Cancel& cancel() const { return cancel_; }
  /// A connection could be made, at least once.
  bool has_connected() const { return has_connected_; }

 private:
  class Exchange;
  class Loan;
  struct Close {
    void operator()(void* handle) const;
  };
  /// Of libcurl; each keeps its connection.
  using Handle = std::unique_ptr<void, Close>;

  Handle take();
  void give_back(Handle handle);
  /// Empty, of whatever capacity.
  std::string spare_body();

  Address address_;
  config::S3Settings settings_;
  const Cancel& cancel_;
  RequestSigner signer_;
  std::atomic<bool> has_connected_ = false;
  std::mutex mutex_;
  std::vector<Handle> free_;
  std::vector<std::string> bodies_;
  std::size_t body_bytes_ = 0;  ///< capacity of them
};

}  // namespace prism::s3
