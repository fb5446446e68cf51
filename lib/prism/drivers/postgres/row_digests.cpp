#include <charconv>
#include <optional>

#include <fmt/format.h>

#include <prism/drivers/postgres/row_digests.hpp>

namespace prism::postgres {
namespace {

std::uint64_t number_of(std::string_view hex) {
  std::uint64_t number = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), number, 16);
  return number;
}

}  // namespace

void RowDigests::take_row(std::string_view piece, bool is_end) {
  row_.add(piece);
  if (!is_end) return;
  const std::string hex = row_.hex();
  sum_.high += number_of(std::string_view(hex).substr(0, 16));
  sum_.low += number_of(std::string_view(hex).substr(16, 16));
  row_ = Sha256();
}

void RowDigests::note(std::string_view statement) {
  const auto table = copied_table(statement);
  if (!table) return;
  sums_[*table] = sum_;
  sum_ = {};
  row_ = Sha256();
}

std::map<std::string, std::string> RowDigests::finish() {
  text_.finish();
  std::map<std::string, std::string> digests;
  for (const auto& [table, sum] : sums_) {
    digests[table] = fmt::format("{:016x}{:016x}", sum.high, sum.low);
  }
  return digests;
}

}  // namespace prism::postgres
