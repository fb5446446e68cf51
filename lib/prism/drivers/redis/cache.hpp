#pragma once

#include <chrono>
#include <memory>

#include <prism/cache/sink.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/redis/address.hpp>
#include <prism/drivers/redis/claim.hpp>
#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/room.hpp>
#include <prism/drivers/redis/writer.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::redis {

struct Options {
  Address address;
  config::RedisSettings settings;
  std::chrono::milliseconds wait{0};       ///< for servers that can't be reached yet
  std::chrono::milliseconds lock_wait{0};  ///< for another rebuild
  bool swap = false;
};

/// Opens the cache in Redis (a server, one behind Sentinels, or a Cluster). Keys are
/// `rlc:entity:<uid>:facts|lineage|subtypes` and `rlc:cache:meta`. A rebuild replaces key by key;
/// one that ended early is told by Meta::unfinished until the next one of the same families. With
/// `swap` the whole is built in another database and exchanged at the commit. Throws what
/// Deployment does.
std::unique_ptr<cache::CacheSink> open_cache(Options options, Log& log, const Cancel& cancel);

/// The cache in one database of one deployment.
class Cache : public cache::CacheSink {
 public:
  /// `login` says which database, not the options.
  Cache(const Options& options, const Login& login, Log& log, const Cancel& cancel);
  ~Cache() override;

  void begin(std::span<const cache::Family> families) override;
  void put(cache::Family family, Uid entity, std::span<const Uid> members) override;
  void commit(const cache::Meta& meta) override;
  std::optional<cache::Meta> meta() override;
  std::vector<std::vector<Uid>> read_all(cache::Family family,
                                         std::span<const Uid> entities) override;
  /// One SCAN counts all families: the counts of the others are kept for calls that follow at once.
  std::uint64_t keys(cache::Family family) override;
  std::string location() const override { return servers_.address().text(); }

  Deployment& servers() { return servers_; }

 private:
  void look_at_memory();
  bool takes_restore();
  bool holds_nothing_else();
  void remove_stale();
  void remove_stale(Connection& server);
  std::string pattern() const;

  Options options_;
  Log& log_;
  const Cancel& cancel_;
  Deployment servers_;
  std::vector<cache::Family> families_;
  std::optional<Room> room_;
  unsigned version_ = 0;
  std::array<uid::UidSet, cache::kFamilies.size()> put_;
  std::int64_t put_count_ = 0;
  std::unique_ptr<Claim> claim_;
  std::unique_ptr<Writer> writer_;  ///< uses the claim
  std::array<std::optional<std::uint64_t>, cache::kFamilies.size()> counted_;
};

}  // namespace prism::redis
