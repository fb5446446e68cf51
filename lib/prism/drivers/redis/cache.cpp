#include <algorithm>
#include <charconv>

#include <prism/base/backoff.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/cache.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/meta.hpp>
#include <prism/drivers/redis/scan.hpp>
#include <prism/drivers/redis/swap.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

using cache::Family;

/// How long a failover is waited for in the midst of a rebuild: Redis Cluster needs 15 s to notice
/// by default, a Sentinel 30 s.
constexpr std::chrono::milliseconds kFailover{90'000};
constexpr std::size_t kUnlinkedTogether = 500;
constexpr unsigned kRestoreVersion = 7;
/// One asks, one writes, one keeps the claim.
constexpr std::size_t kConnections = 3;

std::size_t index_of(Family family) { return static_cast<std::size_t>(family); }

std::vector<Uid> members_of(const Reply& reply) {
  std::vector<Uid> members;
  members.reserve(reply.items.size());
  for (const auto& item : reply.items) {
    // What is no number at all is 0, which no value holds.
    Uid uid = 0;
    std::from_chars(item->text.data(), item->text.data() + item->text.size(), uid);
    members.push_back(uid);
  }
  return members;
}

void append_read(std::string& out, Family family, std::string_view key) {
  if (family == Family::lineage) {
    append_command(out, {"LRANGE", key, "0", "-1"});
  } else {
    append_command(out, {"SMEMBERS", key});
  }
}

}  // namespace

std::unique_ptr<cache::CacheSink> open_cache(Options options, Log& log, const Cancel& cancel) {
  const Login login(options.address, options.settings);
  if (options.settings.pool_size < kConnections) {
    log.warning("redis.pool_size is " + std::to_string(options.settings.pool_size) +
                ", but a rebuild opens up to " + std::to_string(kConnections) +
                " connections to a server");
  }
  if (options.swap) return open_swap(options, login, log, cancel);
  return std::make_unique<Cache>(options, login, log, cancel);
}

Cache::Cache(const Options& options, const Login& login, Log& log, const Cancel& cancel)
    : options_(options),
      log_(log),
      cancel_(cancel),
      servers_(options.address, login, options.wait, log, cancel) {
  // A server that can't be used is told now, not in the midst of something.
  servers_.primary(0);
}

Cache::~Cache() = default;

// ---- a rebuild
// -----------------------------------------------------------------------------------

void Cache::begin(std::span<const Family> families) {
  counted_ = {};
  writer_.reset();
  claim_.reset();
  put_ = {};
  put_count_ = 0;
  families_.assign(families.begin(), families.end());
  servers_.set_patience(std::max(options_.wait, kFailover));
  look_at_memory();
  const bool filled = meta().has_value();
  claim_ = std::make_unique<Claim>(servers_, families, options_.lock_wait, log_, cancel_);
  const Writer::Options options{.restore = takes_restore(),
                                .batch_keys = options_.settings.batch_size,
                                .compare = filled && !servers_.has_failover()};
  writer_ = std::make_unique<Writer>(servers_, *claim_, options, log_, cancel_);
}

void Cache::put(Family family, Uid entity, std::span<const Uid> members) {
  if (room_->exceeded_by(members.size())) {
    log_.warning(location() + ": the cache will probably not fit into its maxmemory");
  }
  put_[index_of(family)].insert(entity);
  ++put_count_;
  writer_->put(family, entity, members);
}

void Cache::commit(const cache::Meta& meta) {
  Backoff backoff(servers_.patience(), cancel_);
  for (;;) {
    writer_->finish();
    try {
      remove_stale();
      break;
    } catch (const Error& e) {
      // finish() writes again what a server that was just lost may have held.
      const bool again = e.code() == ErrorCode::unavailable && servers_.has_failover();
      if (!again || !backoff.pause()) throw;
    }
  }
  claim_->finish(meta);
  writer_.reset();
  claim_.reset();
}

void Cache::look_at_memory() {
  std::optional<std::uint64_t> free = 0;
  const auto before = meta();
  for (std::size_t i = 0; i < servers_.topology().primaries.size(); ++i) {
    const ServerInfo info = info_of(servers_.primary(i));
    version_ = i == 0 ? info.major : std::min(version_, info.major);
    if (info.limit == 0) free.reset();
    if (free) *free += info.limit - std::min(info.used, info.limit);
    if (info.limit != 0 && info.policy.starts_with("allkeys")) {
      log_.warning(servers_.topology().primaries[i].endpoint.text() + ": maxmemory-policy is " +
                   info.policy + ": when its memory is full, Redis will drop keys of the cache");
    }
  }
  room_.emplace(free, before);
}

/// A payload that is none tells whether we have the right, and changes nothing.
bool Cache::takes_restore() {
  if (version_ < kRestoreVersion) return false;
  std::string key;
  const auto name = write_key(key, families_.front(), 0);
  const auto reply = servers_.primary(servers_.topology().owner(slot_of(name)))
                         .ask({"RESTORE", name, "0", "", "REPLACE"});
  if (reply->text.starts_with("ERR DUMP payload")) return true;
  if (reply->error_name() == "NOPERM" || reply->text.starts_with("ERR unknown command")) {
    return false;
  }
  throw trouble(reply->text, servers_.primary(0).where());
}

std::string Cache::pattern() const {
  std::string pattern(kPattern);
  return families_.size() > 1 ? pattern
                              : pattern + ":" + std::string(cache::family_name(families_.front()));
}

/// Where the servers hold as many keys as were put, and the hash, a SCAN would find nothing: it
/// takes a tenth of a rebuild.
bool Cache::holds_nothing_else() {
  std::int64_t keys = 0;
  for (std::size_t i = 0; i < servers_.topology().primaries.size(); ++i) {
    const auto reply = servers_.primary(i).ask({"DBSIZE"});
    if (reply->is_error()) return false;
    keys += reply->integer;
  }
  return keys == put_count_ + 1;
}

void Cache::remove_stale() {
  if (holds_nothing_else()) return;
  for (std::size_t i = 0; i < servers_.topology().primaries.size(); ++i) {
    remove_stale(servers_.primary(i));
  }
}

void Cache::remove_stale(Connection& server) {
  std::vector<std::string> stale;
  scan_keys(server, pattern(), [&](std::string_view name) {
    const auto key = parse_key(name);
    if (!key || std::count(families_.begin(), families_.end(), key->family) == 0) return;
    if (!put_[index_of(key->family)].contains(key->entity)) stale.emplace_back(name);
  });
  cancel_.check();
  claim_->check();
  // One key a command: those of several slots can't be named together in a Cluster.
  for (std::size_t begin = 0; begin < stale.size(); begin += kUnlinkedTogether) {
    const std::size_t end = std::min(begin + kUnlinkedTogether, stale.size());
    std::string commands;
    for (std::size_t i = begin; i < end; ++i) append_command(commands, {"UNLINK", stale[i]});
    server.send(commands);
    for (std::size_t i = begin; i < end; ++i) server.receive_good();
  }
}

// ---- reading
// -------------------------------------------------------------------------------------

std::optional<cache::Meta> Cache::meta() {
  counted_ = {};
  return read_meta(*servers_.call(kMetaKey, {"HGETALL", kMetaKey}));
}

std::vector<std::vector<Uid>> Cache::read_all(Family family, std::span<const Uid> entities) {
  counted_ = {};
  const Topology& topology = servers_.topology();
  std::vector<std::string> commands(topology.primaries.size());
  std::vector<std::vector<std::size_t>> asked(commands.size());
  std::string key;
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const std::string_view name = write_key(key, family, entities[i]);
    const std::size_t owner = topology.owner(slot_of(name));
    append_read(commands[owner], family, name);
    asked[owner].push_back(i);
  }
  for (std::size_t owner = 0; owner < commands.size(); ++owner) {
    if (!asked[owner].empty()) servers_.primary(owner).send(commands[owner]);
  }
  std::vector<std::vector<Uid>> all(entities.size());
  std::vector<std::size_t> moved;
  for (std::size_t owner = 0; owner < asked.size(); ++owner) {
    for (const std::size_t i : asked[owner]) {
      const auto reply = servers_.primary(owner).receive();
      const std::string_view error = reply->error_name();
      if (error == "MOVED" || error == "ASK") {
        moved.push_back(i);
      } else if (error == "WRONGTYPE") {
        all[i] = {0};  // something is there, and equals no value
      } else if (reply->is_error()) {
        throw trouble(reply->text, servers_.primary(owner).where());
      } else {
        all[i] = members_of(*reply);
      }
    }
  }
  for (const std::size_t i : moved) {
    commands[0].clear();
    const std::string_view name = write_key(key, family, entities[i]);
    append_read(commands[0], family, name);
    all[i] = members_of(*servers_.call_raw(slot_of(name), commands[0]));
  }
  return all;
}

std::uint64_t Cache::keys(Family family) {
  auto& known = counted_[index_of(family)];
  if (!known) {
    // A key may come twice while the server's table grows.
    std::array<std::vector<Uid>, cache::kFamilies.size()> found;
    for (std::size_t i = 0; i < servers_.topology().primaries.size(); ++i) {
      scan_keys(servers_.primary(i), kPattern, [&](std::string_view name) {
        if (const auto key = parse_key(name)) found[index_of(key->family)].push_back(key->entity);
      });
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::sort(found[i].begin(), found[i].end());
      counted_[i] = std::unique(found[i].begin(), found[i].end()) - found[i].begin();
    }
  }
  return *std::exchange(known, std::nullopt);
}

}  // namespace prism::redis
