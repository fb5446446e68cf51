#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <prism/base/curl.hpp>
#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/s3/failure.hpp>
#include <prism/drivers/s3/transport.hpp>

namespace prism::s3 {

using curl::set;
using Clock = std::chrono::steady_clock;

// ---- one exchange -------------------------------------------------------------------------------

class Transport::Exchange {
 public:
  Exchange(Transport& transport, CURL* curl, const Request& request, Answer& answer)
      : transport_(transport), curl_(curl), request_(request), answer_(answer) {
    set_way();
    set_request();
    set_headers();
    set_callbacks();
  }
  /// Keeps connections, forgets what this was about.
  ~Exchange() { curl_easy_reset(curl_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  CURLcode run() {
    moved_ = Clock::now();
    const CURLcode result = curl_easy_perform(curl_);
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    return result;
  }

  /// It may have been cut later.
  bool has_connected() const {
    curl_off_t time = 0;
    curl_easy_getinfo(curl_, CURLINFO_CONNECT_TIME_T, &time);
    return time > 0 || answer_.status != 0;
  }

  [[noreturn]] void fail(CURLcode result) {
    const std::string server = transport_.address_.server();
    if (result == CURLE_ABORTED_BY_CALLBACK && !stalled_) transport_.cancel_.check();
    if (too_much_) throw nonsense(server, "answered more than was asked for");
    if (stalled_) {
      throw connection_failure(server, "said nothing and took nothing for " +
                                           std::to_string(time_limit().count()) + " ms");
    }
    const std::string_view words =
        words_.front() != '\0' ? words_.data() : curl_easy_strerror(result);
    if (curl::is_about_certificates(result)) throw tls_failure(server, words);
    throw connection_failure(server, words);
  }

 private:
  void set_way() {
    const config::S3Settings& settings = transport_.settings_;
    set(curl_, CURLOPT_NOSIGNAL, 1L);
    set(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(curl_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(curl_, CURLOPT_TCP_KEEPALIVE, 1L);
    constexpr long kBuffer = 128 * 1024;  // by default 16 KiB: eight times the calls for an object
    set(curl_, CURLOPT_BUFFERSIZE, kBuffer);
    set(curl_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.timeout.count()));
    set(curl_, CURLOPT_ERRORBUFFER, words_.data());
    if (!settings.ca_file.empty()) set(curl_, CURLOPT_CAINFO, settings.ca_file.c_str());
    // A proxy of the environment leads elsewhere.
    if (transport_.address_.is_loopback()) set(curl_, CURLOPT_PROXY, "");
  }

  void set_request() {
    std::string url = transport_.address_.url(request_.key);
    if (!request_.query.empty()) url += "?" + query_text(request_.query);
    set(curl_, CURLOPT_URL, url.c_str());
    set(curl_, CURLOPT_PATH_AS_IS, 1L);  // a key may have a part `..`
    if (request_.method == "HEAD") {
      set(curl_, CURLOPT_NOBODY, 1L);
    } else if (request_.method == "PUT" || request_.method == "POST") {
      set(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(curl_, CURLOPT_POSTFIELDS, request_.body.empty() ? "" : request_.body.data());
      set(curl_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    } else {
      set(curl_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
  }

  void set_headers() {
    const Parameters headers = signed_headers();
    for (const auto& [name, value] : headers) headers_.add(name, value);
    headers_.add("Authorization", authorization_of(headers));
    set(curl_, CURLOPT_HTTPHEADER, headers_.get());
  }

  /// With the hash of the body a server refuses what was damaged on its way.
  Parameters signed_headers() const {
    Parameters headers = request_.headers;
    headers.emplace_back("host", transport_.address_.request_host());
    headers.emplace_back("x-amz-content-sha256", sha256_hex(request_.body));
    headers.emplace_back("x-amz-date", signature_time(std::chrono::system_clock::now()));
    if (!transport_.settings_.session_token.empty()) {
      headers.emplace_back("x-amz-security-token", transport_.settings_.session_token);
    }
    const bool has_body = request_.method == "PUT" || request_.method == "POST";
    const bool has_type = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
      return equals_ignoring_case(header.first, "content-type");
    });
    if (has_body && !has_type) headers.emplace_back("content-type", "application/octet-stream");
    return headers;
  }

  std::string authorization_of(const Parameters& headers) const {
    return transport_.signer_.authorization({.method = request_.method,
                                             .path = transport_.address_.request_path(request_.key),
                                             .query = query_text(request_.query),
                                             .headers = headers});
  }

  void set_callbacks() {
    set(curl_, CURLOPT_WRITEFUNCTION, &Exchange::take_body);
    set(curl_, CURLOPT_WRITEDATA, this);
    set(curl_, CURLOPT_HEADERFUNCTION, &Exchange::take_header);
    set(curl_, CURLOPT_HEADERDATA, this);
    set(curl_, CURLOPT_XFERINFOFUNCTION, &Exchange::look);
    set(curl_, CURLOPT_XFERINFODATA, this);
    set(curl_, CURLOPT_NOPROGRESS, 0L);
  }

  static std::size_t take_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& exchange = *static_cast<Exchange*>(self);
    std::string& body = exchange.answer_.body;
    try {
      exchange.too_much_ = size > exchange.request_.limit - body.size();
      if (exchange.too_much_) return 0;
      body.append(data, size);
      return size;
    } catch (const std::bad_alloc&) {
      return 0;
    }
  }

  static std::size_t take_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    try {
      auto& exchange = *static_cast<Exchange*>(self);
      exchange.add_header({data, size});
      return exchange.too_much_ ? 0 : size;
    } catch (const std::bad_alloc&) {
      return 0;
    }
  }

  void add_header(std::string_view line) {
    // There may be another answer before, `100 Continue`.
    if (line.starts_with("HTTP/")) answer_.headers.clear();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string name = lower_case(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    answer_.headers[name] = value;
    if (name == "content-length" && request_.method == "GET") expect(value);
  }

  /// A string that grows by itself takes up to twice of what it holds.
  void expect(std::string_view length) {
    std::uint64_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    too_much_ = size > request_.limit;
    if (too_much_) return;
    std::string body = transport_.spare_body();
    // Who keeps many small bodies counts on their size: none is to lie in the memory of a large
    // one.
    if (body.capacity() > 2 * size) transport_.reuse(std::exchange(body, {}));
    answer_.body = std::move(body);
    answer_.body.reserve(size);
  }

  /// Called at least once a second; anything but 0 ends the exchange.
  static int look(void* self, curl_off_t, curl_off_t received, curl_off_t,
                  curl_off_t sent) noexcept {
    return static_cast<Exchange*>(self)->is_to_end(received + sent) ? 1 : 0;
  }

  bool is_to_end(curl_off_t bytes) {
    const auto now = Clock::now();
    if (bytes != bytes_) moved_ = now;
    bytes_ = bytes;
    const auto limit = time_limit();
    stalled_ = limit.count() > 0 && now - moved_ >= limit;
    return stalled_ || (transport_.cancel_.requested() && !request_.cleans_up);
  }

  std::chrono::milliseconds time_limit() const {
    constexpr std::chrono::milliseconds kWhenCancelled{3000};
    const auto limit = transport_.settings_.timeout;
    if (!transport_.cancel_.requested()) return limit;
    return limit.count() == 0 ? kWhenCancelled : std::min(limit, kWhenCancelled);
  }

  Transport& transport_;
  CURL* curl_;
  const Request& request_;
  Answer& answer_;
  curl::HeaderList headers_;
  std::array<char, CURL_ERROR_SIZE> words_{};
  Clock::time_point moved_;
  curl_off_t bytes_ = 0;
  bool stalled_ = false;
  bool too_much_ = false;
};

// ---- Transport ----------------------------------------------------------------------------------

Transport::Transport(Address address, config::S3Settings settings, const Cancel& cancel)
    : address_(std::move(address)),
      settings_(std::move(settings)),
      cancel_(cancel),
      signer_({settings_.access_key, settings_.secret_key, address_.region}) {
  if (!settings_.access_key.empty() && !settings_.secret_key.empty()) return;
  throw Error(ErrorCode::configuration,
              address_.text() + ": no access key, or no secret that belongs to it",
              "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or MINIO_ROOT_USER and "
              "MINIO_ROOT_PASSWORD");
}

Transport::~Transport() = default;

void Transport::Close::operator()(void* handle) const { curl_easy_cleanup(handle); }

/// A handle for one exchange.
class Transport::Loan {
 public:
  explicit Loan(Transport& transport) : transport_(transport), handle_(transport.take()) {}
  ~Loan() { transport_.give_back(std::move(handle_)); }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  void* get() const { return handle_.get(); }

 private:
  Transport& transport_;
  Handle handle_;
};

Transport::Handle Transport::take() {
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) {
    Handle handle = std::move(free_.back());
    free_.pop_back();
    return handle;
  }
  return Handle(curl::new_handle().release());
}

void Transport::give_back(Handle handle) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(handle));
}

void Transport::reuse(std::string body) {
  constexpr std::size_t kMost = std::size_t{8} << 20;
  body.clear();
  const std::lock_guard lock(mutex_);
  if (body_bytes_ + body.capacity() > kMost) return;
  body_bytes_ += body.capacity();
  bodies_.push_back(std::move(body));
}

std::string Transport::spare_body() {
  const std::lock_guard lock(mutex_);
  if (bodies_.empty()) return {};
  std::string body = std::move(bodies_.back());
  bodies_.pop_back();
  body_bytes_ -= body.capacity();
  return body;
}

void Transport::exchange(const Request& request, Answer& answer) {
  answer = {};
  if (!request.cleans_up) cancel_.check();
  Loan loan(*this);
  Exchange exchange(*this, loan.get(), request, answer);
  const CURLcode result = exchange.run();
  if (exchange.has_connected()) has_connected_ = true;
  if (result != CURLE_OK) exchange.fail(result);
}

}  // namespace prism::s3
