#pragma once

#include <array>
#include <atomic>
#include <bitset>
#include <memory>
#include <optional>
#include <vector>

#include <prism/drivers/redis/claim.hpp>
#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/journal.hpp>
#include <prism/drivers/redis/large_sets.hpp>
#include <prism/drivers/redis/pipeline.hpp>
#include <prism/drivers/redis/value_writer.hpp>

namespace prism::redis {

/// Slots whose keys must be written again. May be used by several threads.
class Losses {
 public:
  void add(std::uint16_t slot) { lost_[slot].store(true, std::memory_order_relaxed); }
  bool has(std::uint16_t slot) const { return lost_[slot].load(std::memory_order_relaxed); }
  bool any() const;
  /// All of them, which are forgotten.
  std::bitset<kSlots> take();

 private:
  std::array<std::atomic<bool>, kSlots> lost_{};
};

/// Writes values to the servers that they belong to, by one pipeline each. Where a server may be
/// replaced by another (Cluster, Sentinel), which loses what was not replicated yet, all that was
/// put is kept in a journal too: slots that were refused, or whose server was lost or changed, are
/// written again before finish() returns. Used by one thread.
class Writer {
 public:
  struct Options {
    bool restore = true;            ///< see ValueWriter
    std::size_t batch_keys = 5000;  ///< sent together, at most
    /// Large sets that are there already are not sent; only where there is no failover, after
    /// which another server may lack them.
    bool compare = false;
  };

  /// The servers and the claim must outlive it.
  Writer(Deployment& servers, Claim& claim, const Options& options, Log& log, const Cancel& cancel);
  ~Writer();

  /// Throws Error(locked) when another rebuild has taken over, and what ended a pipeline.
  void put(cache::Family family, Uid entity, std::span<const Uid> members);

  /// Returns once every value lies on its server, and on a replica where it has one.
  void finish();

 private:
  /// What goes to one primary.
  struct Lane {
    Chunk chunk;
    std::size_t keys = 0;
    std::atomic<bool> refused{false};       ///< all of its slots must be written again
    std::atomic<bool> unreplicated{false};  ///< WAIT counted no replica
    std::unique_ptr<Pipeline> pipeline;     ///< null once it is lost; its thread uses the others
  };

  void open_lanes();
  void write(cache::Family family, std::string_view key, std::span<const Uid> members);
  void write_changed_sets();
  bool on_reply(Lane& lane, const Reply& reply);
  void send(std::size_t index);
  void lose(std::size_t index, const Error& error);
  void finish_lanes();
  void await_replicas();
  std::bitset<kSlots> lost_slots();
  void write_again(const std::bitset<kSlots>& lost);

  Deployment& servers_;
  Claim& claim_;
  Options options_;
  Log& log_;
  const Cancel& cancel_;
  ValueWriter values_;
  LargeSets large_sets_;
  std::string key_;
  std::unique_ptr<Journal> journal_;  ///< null where there is no failover
  Losses losses_;
  Losses asked_;                              ///< slots that answered with ASK
  Topology topology_;                         ///< that the lanes were opened for
  std::vector<std::unique_ptr<Lane>> lanes_;  ///< by primary; none while that failed
};

}  // namespace prism::redis
