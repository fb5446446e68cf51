#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <exception>

#include <prism/base/curl.hpp>
#include <prism/base/error.hpp>
#include <prism/base/http.hpp>
#include <prism/base/text.hpp>

namespace prism {
namespace {

using curl::set;
using Clock = std::chrono::steady_clock;

/// What is received and not read yet: libcurl is told to wait above that.
constexpr std::size_t kMostHeld = std::size_t{1} << 20;

struct CloseMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// `host:port` of a URL, for messages: without user and password.
std::string server_of(const std::string& url) {
  const auto slashes = url.find("://");
  const auto begin = slashes == std::string::npos ? 0 : slashes + 3;
  const std::string server = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const auto at = server.rfind('@');
  return at == std::string::npos ? server : server.substr(at + 1);
}

bool is_loopback(const std::string& server) {
  return server.starts_with("127.") || server.starts_with("[::1]") ||
         server.substr(0, server.find(':')) == "localhost";
}

/// Of `Nov 29 21:00:00 2027 GMT`, as OpenSSL prints it.
std::optional<std::chrono::system_clock::time_point> time_of(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%b %d %H:%M:%S %Y", &parts) == nullptr) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace

class HttpExchange::Impl {
 public:
  Impl(const HttpRequest& request, const HttpOptions& options, const Cancel& cancel)
      : options_(options),
        cancel_(cancel),
        server_(server_of(request.url)),
        body_(request.body),
        multi_(curl_multi_init()),
        handle_(curl::new_handle()) {
    if (!multi_) throw Error(ErrorCode::internal, "libcurl can't be used");
    set_way();
    set_request(request);
    set_callbacks();
    curl_multi_add_handle(multi_.get(), handle_.get());
  }
  ~Impl() { curl_multi_remove_handle(multi_.get(), handle_.get()); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void await_head() {
    moved_ = Clock::now();
    while (!has_head_ && !finished_) step();
    if (has_head_) return;
    end_head();  // of one that was cut within its head the status is known
    if (!has_head_) throw Error(ErrorCode::io, server_ + ": what answers is no HTTP server");
    throw Error(ErrorCode::unavailable, server_ + ": the connection was cut within the answer");
  }

  /// Who goes on after an error is told it again: a part must never look like the whole.
  std::size_t read(std::span<char> into) {
    if (failure_) std::rethrow_exception(failure_);
    try {
      while (held() == 0 && !finished_) step();
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
    const std::size_t size = std::min(into.size(), held());
    std::memcpy(into.data(), received_.data() + given_, size);
    given_ += size;
    return size;
  }

  int status() const { return status_; }
  std::optional<std::chrono::system_clock::time_point> certificate_end() const {
    const curl_certinfo* chain = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_CERTINFO, &chain);
    if (chain == nullptr || chain->num_of_certs < 1) return {};
    constexpr std::string_view kEnd = "Expire date:";
    for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
      const std::string_view text = line->data;
      if (text.starts_with(kEnd)) return time_of(std::string(text.substr(kEnd.size())));
    }
    return {};
  }
  std::string header(const std::string& name) const {
    const auto found = headers_.find(name);
    return found == headers_.end() ? std::string() : found->second;
  }

 private:
  void set_way() {
    CURL* const handle = handle_.get();
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_CERTINFO, 1L);
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    set(handle, CURLOPT_BUFFERSIZE, 256L * 1024);
    set(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set(handle, CURLOPT_ERRORBUFFER, words_.data());
    if (!options_.ca_file.empty()) set(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (is_loopback(server_)) set(handle, CURLOPT_PROXY, "");
  }

  /// Without TLS nothing is agreed on; with it HTTP/2 is asked for (ALPN).
  long http_version(const std::string& url) const {
    if (!options_.http2) return CURL_HTTP_VERSION_1_1;
    return url.starts_with("https:") ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  }

  void set_request(const HttpRequest& request) {
    CURL* const handle = handle_.get();
    set(handle, CURLOPT_URL, request.url.c_str());
    set(handle, CURLOPT_HTTP_VERSION, http_version(request.url));
    if (body_ != nullptr) {
      set(handle, CURLOPT_UPLOAD, 1L);
      set(handle, CURLOPT_READFUNCTION, &Impl::give_body);
      set(handle, CURLOPT_READDATA, this);
    }
    if (!request.text.empty()) {
      set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.text.size()));
      set(handle, CURLOPT_POSTFIELDS, request.text.data());
    }
    set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    for (const auto& [name, value] : request.headers) request_headers_.add(name, value);
    set(handle, CURLOPT_HTTPHEADER, request_headers_.get());
  }

  void set_callbacks() {
    CURL* const handle = handle_.get();
    set(handle, CURLOPT_WRITEFUNCTION, &Impl::take_body);
    set(handle, CURLOPT_WRITEDATA, this);
    set(handle, CURLOPT_HEADERFUNCTION, &Impl::take_header);
    set(handle, CURLOPT_HEADERDATA, this);
  }

  // ---- what libcurl calls; nothing may be thrown through it ----

  static std::size_t take_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& exchange = *static_cast<Impl*>(self);
    if (exchange.held() > 0 && exchange.held() + size > kMostHeld) {
      exchange.paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    return exchange.guarded([&] {
      exchange.moved_ = Clock::now();
      exchange.forget_given();
      exchange.received_.append(data, size);
    })
               ? size
               : 0;
  }

  static std::size_t give_body(char* into, std::size_t, std::size_t size, void* self) noexcept {
    auto& exchange = *static_cast<Impl*>(self);
    std::size_t got = 0;
    const bool read = exchange.guarded([&] {
      got = exchange.body_->read({into, size});
      exchange.moved_ = Clock::now();
      exchange.is_sent_ = got == 0;
    });
    return read ? got : CURL_READFUNC_ABORT;
  }

  static std::size_t take_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& exchange = *static_cast<Impl*>(self);
    return exchange.guarded([&] { exchange.add_header({data, size}); }) ? size : 0;
  }

  template <typename Action>
  bool guarded(const Action& action) noexcept {
    try {
      action();
      return true;
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }

  void add_header(std::string_view line) {
    moved_ = Clock::now();
    // There may be another answer before, `100 Continue`.
    if (line.starts_with("HTTP/")) headers_.clear();
    if (trimmed(line).empty()) return end_head();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    constexpr std::size_t kMostHeaders = 100;
    if (headers_.size() >= kMostHeaders) return;
    headers_[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
  }

  void end_head() {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    status_ = static_cast<int>(status);
    has_head_ = status_ >= 200;
  }

  // ---- the loop ----

  /// Moves what can be moved; waits for a moment where nothing can.
  void step() {
    constexpr int kPatience = 100;
    cancel_.check();
    if (paused_) go_on();
    int running = 0;
    require(curl_multi_perform(multi_.get(), &running));
    if (thrown_) std::rethrow_exception(thrown_);
    if (running == 0) return finish();
    if (held() > 0) return;
    require_movement();
    require(curl_multi_poll(multi_.get(), nullptr, 0, kPatience, nullptr));
  }

  void go_on() {
    paused_ = false;
    const CURLcode result = curl_easy_pause(handle_.get(), CURLPAUSE_CONT);
    if (result != CURLE_OK) fail(result);
  }

  void finish() {
    finished_ = true;
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE && message->data.result != CURLE_OK) {
        fail(message->data.result);
      }
    }
  }

  void require(CURLMcode result) const {
    if (result == CURLM_OK) return;
    throw Error(ErrorCode::internal, std::string("libcurl: ") + curl_multi_strerror(result));
  }

  void require_movement() const {
    const bool thinks = !has_head_ && (body_ == nullptr || is_sent_);
    const auto limit = thinks ? options_.answer_timeout : options_.timeout;
    if (limit.count() == 0 || Clock::now() - moved_ < limit) return;
    throw Error(ErrorCode::unavailable, server_ + ": said nothing and took nothing for " +
                                            std::to_string(limit.count()) + " ms");
  }

  [[noreturn]] void fail(CURLcode result) const {
    const std::string_view words =
        words_.front() != '\0' ? words_.data() : curl_easy_strerror(result);
    const bool no_http = result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_WEIRD_SERVER_REPLY;
    throw Error(curl::is_about_certificates(result) ? ErrorCode::permission
                : no_http                           ? ErrorCode::io
                                                    : ErrorCode::unavailable,
                server_ + ": " + std::string(words));
  }

  // ---- what was received ----

  std::size_t held() const { return received_.size() - given_; }

  void forget_given() {
    if (given_ < received_.size()) return;
    received_.clear();
    given_ = 0;
  }

  const HttpOptions options_;
  const Cancel& cancel_;
  const std::string server_;
  ByteSource* const body_;
  std::array<char, CURL_ERROR_SIZE> words_{};
  curl::HeaderList request_headers_;
  std::unique_ptr<CURLM, CloseMulti> multi_;
  curl::Handle handle_;
  std::map<std::string, std::string> headers_;
  std::string received_;
  std::size_t given_ = 0;
  std::exception_ptr thrown_;   ///< by a callback
  std::exception_ptr failure_;  ///< of a read
  Clock::time_point moved_;
  int status_ = 0;
  bool has_head_ = false;
  bool is_sent_ = false;
  bool paused_ = false;
  bool finished_ = false;
};

HttpExchange::HttpExchange(const HttpRequest& request, const HttpOptions& options,
                           const Cancel& cancel)
    : impl_(std::make_unique<Impl>(request, options, cancel)) {
  impl_->await_head();
}

HttpExchange::~HttpExchange() = default;

int HttpExchange::status() const { return impl_->status(); }

std::string HttpExchange::header(const std::string& name) const { return impl_->header(name); }

std::optional<std::chrono::system_clock::time_point> HttpExchange::certificate_end() const {
  return impl_->certificate_end();
}

std::size_t HttpExchange::read(std::span<char> into) { return impl_->read(into); }

std::string HttpExchange::text(std::size_t limit) {
  std::array<char, 16 * 1024> piece{};
  std::string text;
  while (text.size() < limit) {
    const std::size_t got =
        read(std::span(piece).first(std::min(piece.size(), limit - text.size())));
    if (got == 0) break;
    text.append(piece.data(), got);
  }
  return text;
}

}  // namespace prism
