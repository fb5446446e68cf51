#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include <prism/base/error.hpp>

// What those who use libcurl need of it alike.

namespace prism::curl {

/// libcurl has a state of the process, which is made once, before the first handle.
void require_library();

struct Close {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, Close>;

/// Throws Error(internal) where there is none to be had.
Handle new_handle();

[[noreturn]] void fail_option(CURLoption option, CURLcode result);

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  const CURLcode result = curl_easy_setopt(handle, option, value);
  if (result != CURLE_OK) fail_option(option, result);
}

/// The headers of a request, which must outlive it.
class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void add(const std::string& name, const std::string& value);
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

/// Nobody knows who answers, or a file of certificates can't be used.
bool is_about_certificates(CURLcode result);

}  // namespace prism::curl
