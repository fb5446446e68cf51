#include <algorithm>
#include <array>
#include <vector>

#include <prism/base/text.hpp>
#include <prism/sheet/csv_dialect.hpp>

namespace prism::sheet {
namespace {

/// In the order in which they are taken when nothing tells them apart.
constexpr std::string_view kCandidates = ",;\t";
constexpr auto npos = std::string_view::npos;

using Counts = std::array<std::size_t, kCandidates.size()>;
using Records = std::vector<std::string_view>;

/// Calls `visit` with the offset of each character that stands outside quotes.
template <typename Visit>
void visit_unquoted(std::string_view text, Visit&& visit) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted) visit(i);
  }
}

/// A CR at the very end of a start may be that of a CR LF.
char line_end_of(std::string_view start, bool whole) {
  bool lf = false, cr = false;
  visit_unquoted(start, [&](std::size_t i) {
    lf = lf || start[i] == '\n';
    cr = cr || (start[i] == '\r' && (whole || i + 1 < start.size()));
  });
  return cr && !lf ? '\r' : '\n';
}

/// Without the last one when it may go on.
Records first_records(std::string_view start, bool whole, char line_end) {
  constexpr std::size_t kMost = 20;
  Records records;
  std::size_t begin = 0;
  visit_unquoted(start, [&](std::size_t i) {
    if (start[i] != line_end || records.size() == kMost) return;
    records.push_back(start.substr(begin, i - begin));
    begin = i + 1;
  });
  const bool rest = begin < start.size() && records.size() < kMost;
  if (rest && (whole || records.empty())) records.push_back(start.substr(begin));
  return records;
}

/// What is between the fields of a record of nothing but whole numbers, or 0.
char delimiter_of_ids(std::string_view record) {
  const std::size_t first = record.find_first_of(kCandidates);
  if (first == npos || record.find_first_of("0123456789") == npos) return 0;
  const char delimiter = record[first];
  bool quoted = false;
  for (const char c : record) {
    if (c == '"') quoted = !quoted;
    const bool of_number = (c >= '0' && c <= '9') || c == '.' || c == ' ' || c == '"' || c == '\r';
    if (!of_number && (c != delimiter || quoted)) return 0;
  }
  return delimiter;
}

bool has_decimal_comma(std::string_view field) {
  return field.find_first_of("0123456789") != npos &&
         field.find_first_not_of("+-.,0123456789") == npos &&
         std::count(field.begin(), field.end(), ',') == 1;
}

std::size_t count_decimal_commas(std::string_view record) {
  std::size_t count = 0;
  for (;;) {
    const std::size_t end = record.find_first_of(";\t");
    if (has_decimal_comma(trimmed(record.substr(0, end)))) ++count;
    if (end == npos) return count;
    record.remove_prefix(end + 1);
  }
}

/// How often each candidate is between fields.
Counts counts_of(std::string_view record) {
  Counts counts{};
  visit_unquoted(record, [&](std::size_t i) {
    const std::size_t candidate = kCandidates.find(record[i]);
    if (candidate != npos) ++counts[candidate];
  });
  auto& [commas, semicolons, tabs] = counts;
  if (semicolons + tabs > 0) commas -= std::min(commas, count_decimal_commas(record));
  return counts;
}

std::vector<Counts> counts_of(const Records& records) {
  std::vector<Counts> counts;
  for (const std::string_view record : records) {
    if (!trimmed(record).empty()) counts.push_back(counts_of(record));
  }
  return counts;
}

/// How often a candidate stands in every record, or 0 if that differs.
std::size_t common_count(const std::vector<Counts>& records, std::size_t candidate) {
  const std::size_t first = records.front()[candidate];
  const bool common = std::all_of(records.begin(), records.end(),
                                  [&](const Counts& counts) { return counts[candidate] == first; });
  return common ? first : 0;
}

/// The most frequent count of a candidate, times the records that have it. A semicolon or tab in
/// fewer than half the records is part of their text.
std::size_t score_of(const std::vector<Counts>& records, std::size_t candidate) {
  std::vector<std::size_t> counts;
  for (const Counts& record : records) {
    if (record[candidate] > 0) counts.push_back(record[candidate]);
  }
  if (candidate > 0 && counts.size() * 2 < records.size()) return 0;
  std::size_t best = 0, most_often = 0;
  for (const std::size_t count : counts) {
    const auto times = static_cast<std::size_t>(std::count(counts.begin(), counts.end(), count));
    if (times < most_often || (times == most_often && count * times <= best)) continue;
    most_often = times;
    best = count * times;
  }
  return best;
}

/// The first of the candidates with the greatest value, or npos if none has any.
template <typename Value>
std::size_t best_candidate(Value&& value_of) {
  std::size_t best = npos, best_value = 0;
  for (std::size_t i = 0; i < kCandidates.size(); ++i) {
    const std::size_t value = value_of(i);
    if (value <= best_value) continue;
    best = i;
    best_value = value;
  }
  return best;
}

char delimiter_of(const Records& records) {
  for (std::size_t i = 0; i < std::min<std::size_t>(records.size(), 2); ++i) {
    if (const char delimiter = delimiter_of_ids(records[i])) return delimiter;
  }
  const std::vector<Counts> counts = counts_of(records);
  if (counts.empty()) return kCandidates[0];
  std::size_t best = best_candidate([&](auto i) { return common_count(counts, i); });
  if (best == npos) best = best_candidate([&](auto i) { return score_of(counts, i); });
  return kCandidates[best == npos ? 0 : best];
}

/// The delimiter of a first line `sep=;`, by which a program tells Excel, or 0.
char declared_delimiter(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool declares = line.size() == 5 && equals_ignoring_case(line.substr(0, 4), "sep=");
  return declares && kCandidates.find(line[4]) != npos ? line[4] : '\0';
}

}  // namespace

CsvDialect detect_csv_dialect(std::string_view start, bool whole) {
  const char line_end = line_end_of(start, whole);
  const Records records = first_records(start, whole, line_end);
  const char declared = records.empty() ? '\0' : declared_delimiter(records.front());
  if (declared != 0) return {declared, line_end, true};
  return {delimiter_of(records), line_end, false};
}

}  // namespace prism::sheet
