#include <algorithm>

#include <prism/base/backoff.hpp>
#include <prism/drivers/redis/clients.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/redirection.hpp>
#include <prism/drivers/redis/trouble.hpp>
#include <prism/drivers/redis/writer.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
/// Of one WAIT, well below the time that an answer may take.
constexpr std::string_view kReplicaWait = "2000";

}  // namespace

std::bitset<kSlots> Losses::take() {
  std::bitset<kSlots> taken;
  for (std::size_t slot = 0; slot < kSlots; ++slot) taken[slot] = lost_[slot].exchange(false);
  return taken;
}

bool Losses::any() const {
  return std::any_of(lost_.begin(), lost_.end(), [](const auto& one) { return one.load(); });
}

Writer::Writer(Deployment& servers, Claim& claim, const Options& options, Log& log,
               const Cancel& cancel)
    : servers_(servers),
      claim_(claim),
      options_(options),
      log_(log),
      cancel_(cancel),
      values_(options.restore) {
  if (servers.has_failover()) journal_ = std::make_unique<Journal>();
  open_lanes();
}

Writer::~Writer() = default;

void Writer::open_lanes() {
  lanes_.clear();
  topology_ = servers_.topology();
  std::vector<std::unique_ptr<Lane>> lanes;
  for (const auto& primary : topology_.primaries) {
    Connection connection(primary.endpoint, servers_.login(), cancel_);
    name_connection(connection, claim_.name());
    auto lane = std::make_unique<Lane>();
    lane->pipeline = std::make_unique<Pipeline>(
        std::move(connection),
        [this, &lane = *lane](const Reply& reply) { return on_reply(lane, reply); });
    lanes.push_back(std::move(lane));
  }
  lanes_ = std::move(lanes);
}

/// On the pipeline's thread.
bool Writer::on_reply(Lane& lane, const Reply& reply) {
  if (reply.kind == Reply::Kind::integer) {
    if (reply.integer == 0) lane.unreplicated = true;
    return true;
  }
  if (!reply.is_error() || !journal_) return false;
  const std::string_view name = reply.error_name();
  if (name == "MOVED" || name == "ASK") {
    const std::uint16_t slot = redirection(reply.text, "").slot;
    (name == "ASK" ? asked_ : losses_).add(slot);
  } else if (name == "READONLY" || name == "EXECABORT" || passes(reply.text) ||
             reply.text.starts_with("ERR WAIT cannot be used with replica")) {
    lane.refused = true;
  } else {
    return false;
  }
  return true;
}

void Writer::put(cache::Family family, Uid entity, std::span<const Uid> members) {
  const std::string_view key = write_key(key_, family, entity);
  const bool set = family != cache::Family::lineage;
  if (!options_.compare || !set || members.size() <= LargeSets::kLarge) {
    write(family, key, members);
  } else if (large_sets_.add(key, members)) {
    write_changed_sets();
  }
}

void Writer::write_changed_sets() {
  large_sets_.write_changed(servers_.primary(0),
                            [this](std::string_view key, std::span<const Uid> members) {
                              // Sets of all families are written alike.
                              write(cache::Family::subtypes, key, members);
                            });
}

void Writer::write(cache::Family family, std::string_view key, std::span<const Uid> members) {
  const bool in_cluster = servers_.address().form == Form::cluster;
  const std::uint16_t slot = in_cluster ? slot_of(key) : 0;
  const std::size_t index = topology_.owner(slot);
  Lane& lane = *lanes_[index];
  const std::size_t before = lane.chunk.bytes.size();
  const std::size_t replies = values_.append(lane.chunk.bytes, family, key, members);
  lane.chunk.replies += replies;
  if (journal_) {
    journal_->add({slot, replies, std::string_view(lane.chunk.bytes).substr(before)});
  }
  if (++lane.keys >= options_.batch_keys || lane.chunk.bytes.size() >= kChunk) send(index);
}

void Writer::send(std::size_t index) {
  Lane& lane = *lanes_[index];
  Chunk chunk = std::exchange(lane.chunk, {});
  lane.keys = 0;
  claim_.check();
  if (!lane.pipeline) return;
  lane.chunk.bytes.reserve(kChunk + kChunk / 4);
  try {
    lane.pipeline->send(std::move(chunk));
  } catch (const Error& e) {
    lose(index, e);
  }
}

/// A server that is lost ends the rebuild, unless another may take its place.
void Writer::lose(std::size_t index, const Error& error) {
  if (error.code() != ErrorCode::unavailable) throw error;
  claim_.check_now();
  if (!journal_) throw error;
  log_.warning(std::string(error.what()) + "; what it held will be written again");
  lanes_[index]->refused = true;
  lanes_[index]->pipeline.reset();
}

void Writer::finish_lanes() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) send(i);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]->pipeline) continue;
    try {
      lanes_[i]->pipeline->finish();
    } catch (const Error& e) {
      lose(i, e);
    }
  }
}

/// WAIT counts for the writes of its own connection, so it goes through the pipelines.
void Writer::await_replicas() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!topology_.primaries[i].replicated) continue;
    append_command(lanes_[i]->chunk.bytes, {"WAIT", "1", kReplicaWait});
    ++lanes_[i]->chunk.replies;
  }
  finish_lanes();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]->unreplicated.exchange(false)) continue;
    log_.warning(topology_.primaries[i].endpoint.text() +
                 ": no replica has confirmed the writes; a failover now would lose some");
  }
}

/// What was refused or lost, and the slots that another server serves than the one written to.
std::bitset<kSlots> Writer::lost_slots() {
  std::bitset<kSlots> lost = losses_.take();
  servers_.refresh();
  const Topology& now = servers_.topology();
  for (std::uint16_t slot = 0; slot < kSlots; ++slot) {
    const std::size_t owner = topology_.owner(slot);
    if (lanes_.empty() || lanes_[owner]->refused ||
        topology_.primaries[owner].endpoint != now.primaries[now.owner(slot)].endpoint) {
      lost.set(slot);
    }
  }
  return lost;
}

void Writer::write_again(const std::bitset<kSlots>& lost) {
  const std::bitset<kSlots> asked = asked_.take();
  log_.warning("writing " + std::to_string((lost | asked).count()) + " of " +
               std::to_string(kSlots) + " slots again");
  open_lanes();
  journal_->each([&](const Journal::Entry& entry) {
    cancel_.check();
    // A transaction can't follow an ASK: its slot is tried again until it has moved.
    if (asked[entry.slot] && entry.replies == 1) {
      servers_.call_raw(entry.slot, entry.commands);
    } else if (lost[entry.slot] || asked[entry.slot]) {
      const std::size_t index = topology_.owner(entry.slot);
      Chunk& chunk = lanes_[index]->chunk;
      chunk.bytes.append(entry.commands);
      chunk.replies += entry.replies;
      if (chunk.bytes.size() >= kChunk) send(index);
    }
  });
  finish_lanes();
}

void Writer::finish() {
  if (options_.compare) write_changed_sets();
  finish_lanes();
  if (!journal_) return;
  Backoff backoff(servers_.patience(), cancel_);
  std::bitset<kSlots> pending;
  for (;;) {
    std::string why = "slots kept moving";
    try {
      await_replicas();
      pending |= lost_slots();
      if (pending.none() && !asked_.any()) return;
      write_again(pending);
      pending.reset();
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable) throw;
      why = e.what();
      pending.set();
    }
    if (!backoff.pause()) {
      throw Error(ErrorCode::unavailable, "the servers did not come to rest: " + why,
                  "see redis-cli --cluster check, then rebuild the cache again");
    }
  }
}

}  // namespace prism::redis
