#include <mutex>
#include <new>

#include <prism/base/curl.hpp>

namespace prism::curl {

void require_library() {
  static std::once_flag made;
  std::call_once(made, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Handle new_handle() {
  require_library();
  Handle handle(curl_easy_init());
  if (!handle) throw Error(ErrorCode::internal, "libcurl can't be used");
  return handle;
}

void fail_option(CURLoption option, CURLcode result) {
  throw Error(ErrorCode::internal,
              "libcurl: option " + std::to_string(option) + ": " + curl_easy_strerror(result));
}

/// libcurl takes `name:` for the wish to send none, and `name;` for a header that is empty.
void HeaderList::add(const std::string& name, const std::string& value) {
  const std::string line = value.empty() ? name + ";" : name + ": " + value;
  curl_slist* const longer = curl_slist_append(list_, line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_ = longer;
}

bool is_about_certificates(CURLcode result) {
  return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE ||
         result == CURLE_SSL_CERTPROBLEM || result == CURLE_SSL_ISSUER_ERROR;
}

}  // namespace prism::curl
