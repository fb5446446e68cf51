#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/uid_memory.hpp>

namespace prism::neo4j {
namespace {

/// Rows of one statement.
constexpr std::size_t kTogether = 10'000;

/// The content of a row, as it is kept: hexadecimal digits, for a key may not be bytes.
std::string digits_of(const uid::ContentHash& content) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const std::uint8_t byte : content) {
    digits.push_back(kDigits[byte >> 4]);
    digits.push_back(kDigits[byte & 0xf]);
  }
  return digits;
}

/// Finds `count` keys, a piece at a time; the query returns the place of each within its piece.
template <typename PackKey>
void find(Transaction& transaction, std::string_view cypher, std::string_view workbook,
          std::vector<Uid>& uids, const PackKey& pack_key) {
  for (std::size_t begin = 0; begin < uids.size(); begin += kTogether) {
    const std::size_t size = std::min(kTogether, uids.size() - begin);
    Parameters parameters(2);
    Packer& packer = parameters.text("workbook", workbook).value("keys");
    packer.list(size);
    for (std::size_t i = 0; i < size; ++i) {
      packer.list(3);
      packer.integer(static_cast<std::int64_t>(i));
      pack_key(packer, begin + i);
    }
    transaction.run({cypher, parameters.bytes()}, [&](Unpacker& fields) {
      const auto at = static_cast<std::size_t>(fields.integer());
      if (at < size) uids[begin + at] = fields.integer();
    });
  }
}

constexpr std::string_view kFindTemporaries =
    "UNWIND $keys AS key MATCH (known:PrismTemporaryUid "
    "{workbook: $workbook, kind: key[1], number: key[2]}) RETURN key[0], known.uid";
constexpr std::string_view kFindBlanks =
    "UNWIND $keys AS key MATCH (known:PrismBlankUid "
    "{workbook: $workbook, content: key[1], occurrence: key[2]}) RETURN key[0], known.uid";

/// Each returns how many are known as something else.
constexpr std::string_view kAddTemporaries =
    "UNWIND $rows AS row MERGE (known:PrismTemporaryUid "
    "{workbook: row[0], kind: row[1], number: row[2]}) "
    "ON CREATE SET known.uid = row[3], known.load = $load "
    "RETURN sum(CASE known.uid WHEN row[3] THEN 0 ELSE 1 END)";
constexpr std::string_view kAddBlanks =
    "UNWIND $rows AS row MERGE (known:PrismBlankUid "
    "{workbook: row[0], content: row[1], occurrence: row[2]}) "
    "ON CREATE SET known.uid = row[3], known.load = $load "
    "RETURN sum(CASE known.uid WHEN row[3] THEN 0 ELSE 1 END)";

std::string packed_rows(std::string_view load, std::span<const std::string> rows) {
  std::string list;
  Packer(list).list(rows.size());
  for (const std::string& row : rows) list += row;
  Parameters parameters(2);
  parameters.text("load", load).packed("rows", list);
  return parameters.bytes();
}

void write_piece(Transaction& transaction, const Query& query) {
  if (integer_of(transaction, query) == 0) return;
  throw Error(ErrorCode::locked, "another run gives UIDs to the same workbook", "try again");
}

}  // namespace

std::vector<uid::Assigned> recall(Transaction& transaction,
                                  std::span<const uid::Request> requests) {
  std::vector<uid::Assigned> all;
  for (const uid::Request& request : requests) {
    uid::Assigned assigned{std::vector<Uid>(request.temporaries.size()),
                           std::vector<Uid>(request.blanks.size())};
    find(transaction, kFindTemporaries, request.workbook, assigned.temporaries,
         [&](Packer& packer, std::size_t i) {
           packer.string(uid::kind_name(request.temporaries[i].kind));
           packer.integer(request.temporaries[i].number);
         });
    find(transaction, kFindBlanks, request.workbook, assigned.blanks,
         [&](Packer& packer, std::size_t i) {
           packer.string(digits_of(request.blanks[i].content));
           packer.integer(request.blanks[i].occurrence);
         });
    all.push_back(std::move(assigned));
  }
  return all;
}

void NewUids::add(const uid::Request& request, const uid::Assigned& known,
                  const uid::Assigned& assigned) {
  const auto begin = [&](std::vector<std::string>& rows) {
    Packer packer(rows.emplace_back());
    packer.list(4);
    packer.string(request.workbook);
    return packer;
  };
  for (std::size_t i = 0; i < assigned.temporaries.size(); ++i) {
    if (known.temporaries[i] != 0) continue;
    Packer packer = begin(temporaries_);
    packer.string(uid::kind_name(request.temporaries[i].kind));
    packer.integer(request.temporaries[i].number);
    packer.integer(assigned.temporaries[i]);
  }
  for (std::size_t i = 0; i < assigned.blanks.size(); ++i) {
    if (known.blanks[i] != 0) continue;
    Packer packer = begin(blanks_);
    packer.string(digits_of(request.blanks[i].content));
    packer.integer(request.blanks[i].occurrence);
    packer.integer(assigned.blanks[i]);
  }
}

void NewUids::append(NewUids&& other) {
  std::move(other.temporaries_.begin(), other.temporaries_.end(), std::back_inserter(temporaries_));
  std::move(other.blanks_.begin(), other.blanks_.end(), std::back_inserter(blanks_));
}

void NewUids::each_piece(std::string_view load, const Write& write) const {
  const auto each = [&](std::string_view cypher, std::span<const std::string> rows) {
    while (!rows.empty()) {
      const auto piece = rows.first(std::min(kTogether, rows.size()));
      write(cypher, packed_rows(load, piece));
      rows = rows.subspan(piece.size());
    }
  };
  each(kAddTemporaries, temporaries_);
  each(kAddBlanks, blanks_);
}

void NewUids::write(Transaction& transaction, std::string_view load) const {
  each_piece(load, [&](std::string_view cypher, std::string_view parameters) {
    write_piece(transaction, {cypher, parameters});
  });
}

void NewUids::write_in_parts(Connections& connections, std::string_view load) const {
  each_piece(load, [&](std::string_view cypher, std::string_view parameters) {
    connections.transact(AccessMode::write, [&](Transaction& transaction) {
      write_piece(transaction, {cypher, parameters});
    });
  });
}

}  // namespace prism::neo4j
