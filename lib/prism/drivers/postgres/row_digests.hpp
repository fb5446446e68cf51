#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <prism/base/sha256.hpp>
#include <prism/drivers/postgres/archive_text.hpp>

namespace prism::postgres {

/// Of each table in the text of `pg_restore --section=data` a digest of its rows, whatever their
/// order: the sum of the first 16 bytes of their SHA-256s. Large objects are left out.
class PRISM_API RowDigests {
 public:
  void add(std::string_view text) { text_.add(text); }
  /// By table, in hexadecimal. Throws Error(bad_data) when the text was cut off.
  std::map<std::string, std::string> finish();

 private:
  struct Sum {
    std::uint64_t high = 0, low = 0;
  };

  void take_row(std::string_view piece, bool is_end);
  void note(std::string_view statement);

  ArchiveText text_{[this](std::string_view statement, std::uint64_t) { note(statement); },
                    [this](std::string_view piece, bool is_end) { take_row(piece, is_end); }};
  Sha256 row_;
  Sum sum_;  ///< of the table whose rows come
  std::map<std::string, Sum> sums_;
};

}  // namespace prism::postgres
