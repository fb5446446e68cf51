#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include <prism/gellish/table.hpp>
#include <prism/uid/registry.hpp>

namespace prism::uid {

/// The columns of a table that hold UIDs, as a scan and a resolver look at them.
struct UidColumns {
  explicit UidColumns(const gellish::Header& header);

  std::size_t fact = 0;
  std::vector<std::size_t> identifying;  ///< columns 1, 2, 15 and 60
  std::vector<std::size_t> references;   ///< all other UID columns
};

/// Collects what the rows of one workbook ask of the registry: first pass.
class PRISM_API Scan {
 public:
  Scan(const gellish::Header& header, const Limits& limits);

  void add(const gellish::Record& record);

  /// Ascending by number: a fact if it stands in column 1 anywhere, else an entity.
  std::vector<Temporary> temporaries() const;
  /// In the order of the rows.
  const std::vector<BlankFact>& blanks() const { return blanks_; }
  const Highest& highest() const { return highest_; }
  bool needs_nothing() const { return blanks_.empty() && !any_temporary_; }

 private:
  void meet(Uid uid, bool identifying, bool fact);
  void add_blank(const gellish::Record& record);

  struct HashOfHash {
    std::size_t operator()(const ContentHash& hash) const;
  };

  Limits limits_;
  UidColumns columns_;
  std::vector<gellish::ColumnId> ids_;  ///< of the fields
  std::vector<std::size_t> by_id_;      ///< the fields in the order of their column IDs
  std::vector<std::uint8_t> seen_;      ///< by temporary number: 0 no, 1 entity, 2 fact
  std::vector<BlankFact> blanks_;
  std::unordered_map<ContentHash, std::uint32_t, HashOfHash> occurrences_;
  Highest highest_;
  bool any_temporary_ = false;
};

/// Puts permanent UIDs in place of temporary and blank ones: second pass, over the same rows in the
/// same order.
class PRISM_API Resolver {
 public:
  Resolver(const gellish::Header& header, const Limits& limits,
           std::span<const Temporary> temporaries, Assigned assigned);

  void resolve(gellish::Record& record);

 private:
  void replace(gellish::Record& record, std::size_t field) const;

  UidColumns columns_;
  std::vector<Uid> permanent_;  ///< by temporary number; 0: stays as it is
  std::vector<Uid> blanks_;
  std::size_t next_blank_ = 0;
};

}  // namespace prism::uid
