#include <charconv>

#include <prism/drivers/redis/meta.hpp>
#include <prism/drivers/redis/scan.hpp>
#include <prism/drivers/redis/swap.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

using cache::Family;

/// Set in the old cache just before it is exchanged: it is rubbish wherever it is found.
constexpr std::string_view kOutgoing = "outgoing";
/// More than a server has by default (16) are looked at, for few have more.
constexpr unsigned kMostDatabases = 64;

bool is_ours(std::string_view key) { return key == kMetaKey || parse_key(key).has_value(); }

/// The first key that is not of the cache; empty: there is none.
std::string foreign_key(Connection& server) {
  std::string foreign;
  scan_keys(server, "*", [&](std::string_view key) {
    if (foreign.empty() && !is_ours(key)) foreign = key;
  });
  return foreign;
}

class SwapCache : public cache::CacheSink {
 public:
  SwapCache(const Options& options, const Login& login, Log& log, const Cancel& cancel)
      : options_(options),
        login_(login),
        log_(log),
        cancel_(cancel),
        real_(options, login, log, cancel) {}

  void begin(std::span<const Family> families) override {
    scratch_.reset();
    if (families.size() < cache::kFamilies.size()) {
      throw Error(ErrorCode::usage, "--swap exchanges the whole cache, so it goes without --only");
    }
    if (options_.address.form == Form::cluster) {
      refuse("a Redis Cluster has one database, and --swap needs two");
    }
    require_cache_only();
    for (scratch_number_ = databases(); scratch_number_-- > 0;) {
      if (begin_in(scratch_number_, families)) return;
    }
    refuse("no other database of the server is empty, and --swap needs one");
  }

  void put(Family family, Uid entity, std::span<const Uid> members) override {
    scratch_->put(family, entity, members);
  }

  void commit(const cache::Meta& meta) override {
    scratch_->commit(meta);
    require_cache_only();
    exchange();
    clean_up();
    scratch_.reset();
  }

  std::optional<cache::Meta> meta() override { return real_.meta(); }
  std::vector<std::vector<Uid>> read_all(Family family, std::span<const Uid> entities) override {
    return real_.read_all(family, entities);
  }
  std::uint64_t keys(Family family) override { return real_.keys(family); }
  std::string location() const override { return real_.location(); }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorCode::refused, location() + ": " + why,
                "without --swap the cache is replaced key by key");
  }

  Connection& real() { return real_.servers().primary(0); }

  void require_cache_only() {
    const std::string foreign = foreign_key(real());
    if (!foreign.empty()) {
      refuse("the database holds more than the cache, such as the key " + foreign);
    }
    const auto owner = real().call({"HGET", kMetaKey, kOwnerField});
    if (!owner->text.empty()) {
      throw Error(
          ErrorCode::locked,
          location() + ": another rebuild of this cache is going on, or died (" + owner->text + ")",
          "rebuild it once without --swap");
    }
  }

  /// False where that database is in use. They are tried from the end, for people count from the
  /// beginning.
  bool begin_in(unsigned number, std::span<const Family> families) {
    if (number == login_.database) return false;
    const Login there = login_.in_database(number);
    Connection server(server_endpoint(), there, cancel_);
    if (!is_free(server)) return false;
    scratch_ = std::make_unique<Cache>(options_, there, log_, cancel_);
    try {
      scratch_->begin(families);
      return true;
    } catch (const Error& e) {
      // Another such rebuild was a little faster.
      if (e.code() != ErrorCode::locked) throw;
      scratch_.reset();
      return false;
    }
  }

  Endpoint server_endpoint() { return real_.servers().topology().primaries[0].endpoint; }

  unsigned databases() {
    Connection server(server_endpoint(), login_.in_database(0), cancel_);
    for (unsigned number = 0; number < kMostDatabases; ++number) {
      const auto reply = server.ask({"SELECT", std::to_string(number)});
      if (reply->is_error()) return number;
    }
    return kMostDatabases;
  }

  static bool is_free(Connection& server) {
    if (server.call({"DBSIZE"})->integer == 0) return true;
    const auto meta = server.ask({"HGETALL", kMetaKey});
    if (meta->is_error()) return false;
    const auto read = read_meta(*meta);
    bool outgoing = false;
    for (std::size_t i = 0; i < meta->items.size(); i += 2) {
      outgoing = outgoing || meta->items[i]->text == kOutgoing;
    }
    const bool left_behind =
        read && (outgoing || (read->generation == 0 && !read->unfinished.empty()));
    return left_behind && foreign_key(server).empty();
  }

  void exchange() {
    if (real().call({"EXISTS", kMetaKey})->integer != 0) {
      real().call({"HSET", kMetaKey, kOutgoing, "1"});
    }
    real().call({"SWAPDB", std::to_string(login_.database), std::to_string(scratch_number_)});
  }

  /// What others wrote between the last look and the exchange goes back.
  void clean_up() {
    Connection old(server_endpoint(), login_.in_database(scratch_number_), cancel_);
    std::vector<std::string> foreign;
    scan_keys(old, "*", [&](std::string_view key) {
      if (!is_ours(key)) foreign.emplace_back(key);
    });
    for (const std::string& key : foreign) {
      old.call({"MOVE", key, std::to_string(login_.database)});
    }
    const bool empty_of_others = foreign_key(old).empty();
    if (empty_of_others) old.call({"FLUSHDB", "ASYNC"});
  }

  Options options_;
  Login login_;
  Log& log_;
  const Cancel& cancel_;
  Cache real_;
  unsigned scratch_number_ = 0;
  std::unique_ptr<Cache> scratch_;
};

}  // namespace

std::unique_ptr<cache::CacheSink> open_swap(const Options& options, const Login& login, Log& log,
                                            const Cancel& cancel) {
  return std::make_unique<SwapCache>(options, login, log, cancel);
}

}  // namespace prism::redis
