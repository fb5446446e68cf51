#include <utility>

#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/hash_slot.hpp>
#include <prism/drivers/redis/key_writer.hpp>
#include <prism/drivers/redis/restore_record.hpp>
#include <prism/drivers/redis/restore_trouble.hpp>
#include <prism/drivers/redis/server_facts.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
/// The RDB's version and a checksum, behind the value (DUMP, redis/src/cluster.c).
constexpr std::size_t kFooter = 2 + 8;

template <typename Number>
std::string_view bytes_of(const Number& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

/// The words behind the payload.
std::vector<std::string> options_of(const RdbKey& key) {
  std::vector<std::string> words{"REPLACE", "ABSTTL"};
  if (key.idle) {
    words.emplace_back("IDLETIME");
    words.push_back(std::to_string(*key.idle));
  } else if (key.frequency) {
    words.emplace_back("FREQ");
    words.push_back(std::to_string(*key.frequency));
  }
  return words;
}

/// Every error ends the pipeline.
Pipeline::OnReply throws_at(const std::string& where) {
  return [where](const Reply& reply) -> bool {
    if (reply.is_error()) throw restore_trouble(reply.text, where);
    return true;
  };
}

}  // namespace

KeyWriter::KeyWriter(Deployment& servers, std::filesystem::path scratch_folder, std::int64_t now,
                     Log& log, const Cancel& cancel)
    : servers_(servers),
      now_(now),
      log_(log),
      cancel_(cancel),
      value_(std::move(scratch_folder)),
      lanes_(servers.topology().primaries.size()) {}

void KeyWriter::function(const std::string& code) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    servers_.primary(i).call({"FUNCTION", "LOAD", "REPLACE", code});
  }
}

bool KeyWriter::is_left_out(const RdbKey& key) const {
  return is_restore_record(key) || (key.expires && *key.expires <= now_);
}

ByteSink* KeyWriter::key(const RdbKey& key) {
  if (is_left_out(key)) return nullptr;
  value_.begin(key.type);
  return &value_;
}

KeyWriter::Lane& KeyWriter::lane_of(const RdbKey& key) {
  const std::size_t index = servers_.topology().owner(hash_slot(key.name));
  Lane& lane = lanes_[index];
  if (!lane.pipeline) {
    const Endpoint& endpoint = servers_.topology().primaries[index].endpoint;
    lane.pipeline = std::make_unique<Pipeline>(
        connect(endpoint, patient(servers_.login()), servers_.patience(), log_, cancel_),
        throws_at(endpoint.text()));
  }
  if (lane.database != key.database) {
    lane.database = key.database;
    append_command(lane.chunk.bytes, {"SELECT", std::to_string(key.database)});
    ++lane.chunk.replies;
  }
  return lane;
}

void KeyWriter::flush(Lane& lane) { lane.pipeline->send(std::exchange(lane.chunk, {})); }

void KeyWriter::append(Lane& lane, std::string_view bytes) {
  lane.chunk.bytes.append(bytes);
  if (lane.chunk.bytes.size() >= kChunk) flush(lane);
}

void KeyWriter::append_payload(Lane& lane) {
  append_header(lane.chunk.bytes, '$', value_.size() + kFooter);
  std::uint64_t checksum = 0;
  value_.each_piece([&](std::string_view piece) {
    checksum = crc64(piece, checksum);
    append(lane, piece);
  });
  checksum = crc64(bytes_of(version_), checksum);
  append(lane, bytes_of(version_));
  append(lane, bytes_of(checksum));
  append(lane, "\r\n");
}

void KeyWriter::value(const RdbKey& key, std::uint64_t) {
  if (is_left_out(key)) return;
  Lane& lane = lane_of(key);
  const auto options = options_of(key);
  append_header(lane.chunk.bytes, '*', 4 + options.size());
  append_word(lane.chunk.bytes, "RESTORE");
  append_word(lane.chunk.bytes, key.name);
  append_word(lane.chunk.bytes, std::to_string(key.expires.value_or(0)));
  append_payload(lane);
  for (const std::string& word : options) append_word(lane.chunk.bytes, word);
  ++lane.chunk.replies;
  if (lane.chunk.bytes.size() >= kChunk) flush(lane);
}

void KeyWriter::finish() {
  for (Lane& lane : lanes_) {
    if (lane.pipeline) flush(lane);
  }
  for (Lane& lane : lanes_) {
    if (lane.pipeline) lane.pipeline->finish();
  }
}

}  // namespace prism::redis
