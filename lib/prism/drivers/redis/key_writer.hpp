#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/pipeline.hpp>
#include <prism/drivers/redis/rdb_reader.hpp>
#include <prism/drivers/redis/value_buffer.hpp>

namespace prism::redis {

/// Writes what an RDB holds to the servers that its keys belong to, by one pipeline each: values by
/// RESTORE, as they stand in the RDB, libraries by FUNCTION LOAD to every server. Keys that have
/// expired and the record of a restore are left out. Memory is bounded, whatever a value's size:
/// see ValueBuffer and Pipeline. Used by one thread.
class KeyWriter : public RdbVisitor {
 public:
  /// `now`: ms since 1970, by the servers' clock.
  KeyWriter(Deployment& servers, std::filesystem::path scratch_folder, std::int64_t now, Log& log,
            const Cancel& cancel);

  void version(unsigned number) override { version_ = static_cast<std::uint16_t>(number); }
  void function(const std::string& code) override;
  ByteSink* key(const RdbKey& key) override;
  void value(const RdbKey& key, std::uint64_t size) override;

  /// Returns once every server has answered. Throws what ended a pipeline; so do the others.
  void finish();

 private:
  struct Lane {
    std::unique_ptr<Pipeline> pipeline;
    Chunk chunk;
    std::uint64_t database = 0;
  };

  Lane& lane_of(const RdbKey& key);
  bool is_left_out(const RdbKey& key) const;
  void append(Lane& lane, std::string_view bytes);
  void append_payload(Lane& lane);
  static void flush(Lane& lane);

  Deployment& servers_;
  std::int64_t now_;
  Log& log_;
  const Cancel& cancel_;
  std::uint16_t version_ = 0;
  ValueBuffer value_;
  std::vector<Lane> lanes_;  ///< one for each primary
};

}  // namespace prism::redis
