#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>
#include <prism/blocks/block_map.hpp>

namespace prism::backup {

/// How much of what there is, by the target's own words: rows by table, keys, files.
using Counts = std::map<std::string, std::uint64_t>;

/// What a copy of a server's own files needs in the repository beside its artifacts.
struct Physical {
  std::string type;    ///< `full`: stored wholly anew; `delta`: blocks that were there are shared
  std::string system;  ///< the identifier of the cluster, whose WAL it is
  std::uint64_t segment_bytes = 0;          ///< of a segment of its WAL
  std::string first_segment, last_segment;  ///< of the WAL from its start to its stop: names
  std::string start_lsn, stop_lsn;
  std::string stopped;                    ///< UTC, by the server's clock
  std::uint64_t new_bytes = 0;            ///< of the blocks that it stored
  std::uint64_t stored_bytes = 0;         ///< what these take in the repository
  std::vector<blocks::PackRecord> packs;  ///< all in which it has blocks
};

/// What a target holds, or what a dump of it does.
struct Content {
  std::string version;  ///< of the server or the library; empty: of an artifact that doesn't tell
  Counts counts;
  std::vector<std::string> remarks = {};  ///< what a dump could not take as it should
  /// What is there and in no dump, for it can't be: the target is degraded.
  std::vector<std::string> left_out = {};
  std::optional<Physical> physical = {};  ///< of a copy of a server's files
};

/// Takes the artifacts of one target.
class PRISM_API ArtifactWriter {
 public:
  virtual ~ArtifactWriter() = default;
  /// `name` is what the target's own tools know such a file by, such as `db` or `globals.sql`; each
  /// is made once.
  virtual std::unique_ptr<ByteSink> create(const std::string& name) = 0;
  /// Is told of bytes that are stored elsewhere, beside the artifacts. Several threads may call.
  virtual void passed(std::uint64_t) {}
};

/// Gives the artifacts of one target, as they were written.
class PRISM_API ArtifactReader {
 public:
  virtual ~ArtifactReader() = default;
  virtual std::vector<std::string> names() const = 0;
  /// Throws Error(bad_data) when there is none. So may reading, where what is stored is damaged.
  virtual std::unique_ptr<ByteSource> open(const std::string& name) = 0;
  /// In bytes, as it was written: what a copy of it needs. 0: that isn't known.
  virtual std::uint64_t size(const std::string&) const { return 0; }
  /// Is told of bytes that are read elsewhere. Several threads may call.
  virtual void passed(std::uint64_t) {}
};

/// How closely a target is looked at.
enum class Look : std::uint8_t {
  glance,  ///< whether anything is there: counts may be missing where they would take long
  counted,
};

/// A target, seen as something that is dumped and restored. Each call is made by one thread at a
/// time, and is told of by the caller. Errors are those of the driver.
class PRISM_API Component {
 public:
  virtual ~Component() = default;

  /// For people: no secrets.
  virtual std::string location() const = 0;

  /// Nothing when the target is not there or holds nothing: a restore would overwrite nothing.
  virtual std::optional<Content> present(Look look) = 0;

  /// Writes what the target holds at one moment. Throws Error(input_missing) when it is not there.
  virtual Content dump(ArtifactWriter& artifacts) = 0;

  /// Reads the artifacts to their ends, without the target. Throws Error(bad_data) for what a
  /// restore could not take.
  virtual Content check(ArtifactReader& artifacts) = 0;

  /// Throws what would end a restore of the artifacts before it touches the target, as far as that
  /// can be known: a server that is too old, an extension, a role or a right that is missing. Asked
  /// of all targets before the first of them is restored.
  virtual void require_restorable(ArtifactReader&) {}

  /// Puts the target in the state of the artifacts, which `check` has taken, whatever it holds, and
  /// returns what they hold. Who reads sees the old state or the new one; cut off, the old one
  /// stays or a rerun finishes it.
  virtual Content restore(ArtifactReader& artifacts) = 0;

  /// Whether a restore reads the artifacts to their ends, and finds what is wrong with them, before
  /// it touches the target: nobody need `check` them first.
  virtual bool restores_checked() const { return false; }

  /// Words on a restore that was cut off here and not finished since: the target holds neither the
  /// old state nor the new one until a rerun. Nothing: there is none, or it can't be.
  virtual std::optional<std::string> unfinished() { return {}; }
};

}  // namespace prism::backup
