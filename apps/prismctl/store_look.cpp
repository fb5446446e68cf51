#include "store_look.hpp"

#include <prism/base/error.hpp>
#include <prism/config/url.hpp>

namespace prismctl {
namespace {

/// Opened for reading, or null where it is not there.
template <typename Open>
auto open_if_there(Open open) -> decltype(open()) {
  try {
    return open();
  } catch (const prism::Error& e) {
    if (e.code() != prism::ErrorCode::input_missing) throw;
    return nullptr;
  }
}

/// The cache, or why it can't be opened.
std::unique_ptr<prism::cache::CacheSink> open_cache(Session& session, std::string& trouble) {
  try {
    return open_if_there([&] { return session.open_cache(prism::Access::read); });
  } catch (const prism::Error& e) {
    if (!prism::health::is_trouble(e)) throw;
    trouble = e.what();
    return nullptr;
  }
}

}  // namespace

std::optional<prism::health::StoreReport> report_store(Session& session) {
  const auto store = open_if_there([&] { return session.open_store(prism::Access::read); });
  if (!store) return {};
  prism::health::CacheView cache{.location = prism::config::without_password(session.cache_url())};
  const auto sink = open_cache(session, cache.trouble);
  cache.sink = sink.get();
  return prism::health::report(*store, cache, session.settings().uid_limits());
}

}  // namespace prismctl
