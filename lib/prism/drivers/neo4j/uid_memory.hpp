#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/uid/registry.hpp>

namespace prism::neo4j {

/// What was remembered for each request, 0 where nothing was.
std::vector<uid::Assigned> recall(Transaction& transaction, std::span<const uid::Request> requests);

/// New UIDs on their way into the memory: rows of nodes PrismTemporaryUid and PrismBlankUid.
class NewUids {
 public:
  /// Those of `assigned` that are not in `known`.
  void add(const uid::Request& request, const uid::Assigned& known, const uid::Assigned& assigned);
  void append(NewUids&& other);
  bool empty() const { return temporaries_.empty() && blanks_.empty(); }
  std::size_t size() const { return temporaries_.size() + blanks_.size(); }

  /// `load` is the load that they are a part of; empty: none. Throws Error(locked) where another
  /// run has remembered other UIDs meanwhile. May be done twice.
  void write(Transaction& transaction, std::string_view load) const;
  /// The same in transactions of bounded size.
  void write_in_parts(Connections& connections, std::string_view load) const;

 private:
  /// What writes one piece.
  using Write = std::function<void(std::string_view cypher, std::string_view parameters)>;
  void each_piece(std::string_view load, const Write& write) const;

  std::vector<std::string> temporaries_;  ///< packed lists: workbook, kind, number, uid
  std::vector<std::string> blanks_;       ///< packed lists: workbook, content, occurrence, uid
};

}  // namespace prism::neo4j
