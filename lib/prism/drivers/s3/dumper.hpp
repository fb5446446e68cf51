#pragma once

#include <cstdint>

#include <prism/backup/component.hpp>
#include <prism/drivers/s3/object_tar_writer.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/read_ahead.hpp>

namespace prism::s3 {

/// What a target holds, or a backup of it.
struct Tally {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;

  void add(std::uint64_t size) {
    ++objects;
    bytes += size;
  }
  backup::Counts counts() const { return {{"objects", objects}, {"bytes", bytes}}; }
};

/// Writes the objects of a target into an archive: small ones are read several at a time, large
/// ones piece by piece. One that changes while it is read is read anew; one that goes is left out.
class PRISM_API Dumper {
 public:
  /// All must outlive this.
  Dumper(Client& client, const Scope& scope, ByteSink& sink, const Cancel& cancel)
      : client_(client), scope_(scope), cancel_(cancel), tar_(sink) {}

  Tally dump();
  /// Whether the key may read tags. One that may not isn't told of any, so that all objects look
  /// as if they had none.
  bool reads_tags() const { return reads_tags_; }

 private:
  struct Begun {
    Piece first;
    TarObject object;
  };

  void look_for_tags(const std::string& key);
  void add(ReadObject& object);
  void add_small(ReadObject& object);
  bool add_large(const ReadObject& object);
  std::optional<Begun> begin_large(const ReadObject& object);

  Client& client_;
  const Scope& scope_;
  const Cancel& cancel_;
  ObjectTarWriter tar_;
  Tally tally_;
  bool reads_tags_ = true;
};

}  // namespace prism::s3
