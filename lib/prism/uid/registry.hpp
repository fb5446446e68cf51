#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::uid {

enum class Kind : std::uint8_t { entity, fact };

inline constexpr std::array kKinds{Kind::entity, Kind::fact};

PRISM_API std::string_view kind_name(Kind kind);

/// Which UIDs are temporary and where the ranges of new ones begin.
struct Limits {
  Uid temporary_end = 1000;       ///< temporary UIDs are 1 to this, itself excluded
  Uid entity_begin = 1000000000;  ///< new entities: from here to fact_begin, itself excluded
  Uid fact_begin = 2000000000;    ///< new facts: from here

  bool temporary(Uid uid) const { return uid < temporary_end; }
  Uid begin(Kind kind) const { return kind == Kind::entity ? entity_begin : fact_begin; }
  /// The UID behind the last one of a range.
  Uid end(Kind kind) const { return kind == Kind::entity ? fact_begin : kGreatestUid + 1; }
};

/// The highest UID met in each range, 0 where none was. In which range a UID lies its number
/// decides, not whether it names an entity or a fact.
struct Highest {
  Uid entity = 0;
  Uid fact = 0;

  void meet(Uid uid, const Limits& limits) {
    if (uid >= limits.fact_begin) {
      if (uid > fact) fact = uid;
    } else if (uid >= limits.entity_begin && uid > entity) {
      entity = uid;
    }
  }
  void meet(const Highest& other) {
    if (other.entity > entity) entity = other.entity;
    if (other.fact > fact) fact = other.fact;
  }
  Uid of(Kind kind) const { return kind == Kind::entity ? entity : fact; }
};

/// UIDs first to first + count - 1.
struct Range {
  Uid first = 0;
  std::uint64_t count = 0;
};

/// A number below Limits::temporary_end that stands for one thing within a workbook.
struct Temporary {
  Uid number = 0;
  Kind kind = Kind::entity;
};

/// SHA-256 of what a row with a blank fact UID says, cut to 128 bits.
using ContentHash = std::array<std::uint8_t, 16>;

/// The `occurrence`th row (from 0) of a workbook with this content and no fact UID.
struct BlankFact {
  ContentHash content{};
  std::uint32_t occurrence = 0;
};

/// What the temporary and blank UIDs of one workbook stand for, in the order asked.
struct Assigned {
  std::vector<Uid> temporaries;
  std::vector<Uid> blanks;
  std::uint64_t taken = 0;  ///< how many of them are new
};

/// What one workbook needs.
struct Request {
  std::string workbook;  ///< the file's name without its folder
  std::span<const Temporary> temporaries;
  std::span<const BlankFact> blanks;
};

/// How many UIDs of a kind are wanted.
struct Wanted {
  Kind kind = Kind::entity;
  std::uint64_t count = 0;
};

/// What is missing (0) from what was found for the requests; kinds of which nothing is are left
/// out.
PRISM_API std::vector<Wanted> missing_from(std::span<const Request> requests,
                                           const std::vector<Assigned>& found);

/// Gives what is missing UIDs of the ranges, one for each of `wanted`: temporaries of a workbook
/// first, then its blanks.
PRISM_API void hand_out(std::span<const Request> requests, std::span<const Wanted> wanted,
                        std::span<const Range> ranges, std::vector<Assigned>& found);

struct RangeState {
  Kind kind = Kind::entity;
  Uid next = 0;            ///< the first that is free
  std::uint64_t left = 0;  ///< how many there are to the range's end
};

/// Of a range whose first free UID is `first`.
PRISM_API RangeState range_state(Kind kind, Uid first, const Limits& limits);

/// Throws Error(refused) when the range has not as many left.
PRISM_API void require_left(const RangeState& range, std::uint64_t count, const Limits& limits);

/// The UIDs of a store: durable ranges and the memory of what was given. Safe between processes:
/// no UID is given twice. The highest UIDs that the store holds are looked up at every take.
class Registry {
 public:
  virtual ~Registry() = default;

  virtual std::vector<RangeState> ranges(const Limits& limits) = 0;

  /// Takes `count` (at least 1) new UIDs above all that the store or `seen` holds. Throws
  /// Error(refused) when the range has no more.
  virtual Range reserve(Kind kind, std::uint64_t count, const Limits& limits,
                        const Highest& seen) = 0;

  /// Finds what was remembered for a request and takes new UIDs for the rest, which are
  /// remembered; all requests or none, in one transaction.
  virtual std::vector<Assigned> assign(std::span<const Request> requests, const Limits& limits,
                                       const Highest& seen) = 0;
};

}  // namespace prism::uid
