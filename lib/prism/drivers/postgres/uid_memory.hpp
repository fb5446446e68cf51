#pragma once

#include <span>
#include <string>
#include <vector>

#include <prism/drivers/postgres/bulk_connection.hpp>
#include <prism/uid/registry.hpp>

namespace prism::postgres {

/// What temporary and blank UIDs of workbooks became: found and remembered many at once, as a part
/// of the connection's transaction.
class UidMemory {
 public:
  UidMemory(BulkConnection& connection, std::string schema);

  /// The UIDs that were remembered for each request, 0 where none was.
  std::vector<uid::Assigned> recall(std::span<const uid::Request> requests);

  /// Remembers those of `assigned` that are not in `known`. Throws Failure (23505) where another
  /// run remembers the same meanwhile.
  void remember(std::span<const uid::Request> requests, const std::vector<uid::Assigned>& known,
                const std::vector<uid::Assigned>& assigned);

 private:
  void recall_temporaries(const uid::Request& request, uid::Assigned& assigned);
  void recall_blanks(const uid::Request& request, uid::Assigned& assigned);
  void find(const std::string& sql, std::vector<Uid>& uids);

  BulkConnection& connection_;
  std::string schema_;
};

}  // namespace prism::postgres
