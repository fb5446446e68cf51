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

/// How both are opened.
class Opener {
 public:
  Opener(Session& session, const prism::config::ServerSettings& servers,
         const prism::Cancel& cancel)
      : session_(session), servers_(servers), cancel_(cancel) {}

  std::unique_ptr<prism::store::FactStore> store() const {
    const std::string& url = session_.settings().text(prism::config::Setting::store);
    return open_if_there(
        [&] { return prism::drivers::open_store(options(url), session_.log(), cancel_); });
  }

  /// The cache, or why it can't be opened.
  std::unique_ptr<prism::cache::CacheSink> cache(std::string& trouble) const {
    const std::string url = session_.cache_url();
    if (url.empty()) return nullptr;
    try {
      return open_if_there(
          [&] { return prism::drivers::open_cache(options(url), session_.log(), cancel_); });
    } catch (const prism::Error& e) {
      if (!prism::health::is_trouble(e)) throw;
      trouble = e.what();
      return nullptr;
    }
  }

 private:
  prism::drivers::OpenOptions options(const std::string& url) const {
    return {url, prism::Access::read, session_.lock_wait(), servers_};
  }

  Session& session_;
  const prism::config::ServerSettings& servers_;
  const prism::Cancel& cancel_;
};

}  // namespace

std::optional<prism::health::StoreReport> report_store(Session& session,
                                                       const prism::config::ServerSettings& servers,
                                                       const prism::Cancel& cancel,
                                                       prism::health::Depth depth) {
  const Opener opener(session, servers, cancel);
  const auto store = opener.store();
  if (!store) return {};
  prism::health::CacheView cache{.location = prism::config::without_password(session.cache_url())};
  const auto sink = opener.cache(cache.trouble);
  cache.sink = sink.get();
  auto report = prism::health::report(*store, cache, session.settings().uid_limits());
  if (sink && depth == prism::health::Depth::deep) compare_sample(report, *store, *sink, cancel);
  return report;
}

}  // namespace prismctl
