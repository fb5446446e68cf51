#include <algorithm>
#include <cstring>
#include <utility>

#include <prism/sheet/csv_dialect.hpp>
#include <prism/sheet/csv_records.hpp>
#include <prism/sheet/damage.hpp>

namespace prism::sheet {
namespace {

bool leaves_quote_open(std::span<const char> text) {
  return std::count(text.begin(), text.end(), '"') % 2 != 0;
}

}  // namespace

CsvRecords::CsvRecords(std::shared_ptr<const ByteSource> source) : lines_(std::move(source)) {
  constexpr std::size_t kLookAt = std::size_t{64} << 10;
  const std::string_view start = lines_.peek(kLookAt);
  const CsvDialect dialect = detect_csv_dialect(start, start.size() < kLookAt);
  delimiter_ = dialect.delimiter;
  lines_.set_line_end(dialect.line_end);
  if (dialect.declared) lines_.next(text_);
}

bool CsvRecords::next() {
  ++number_;
  if (!lines_.next(text_)) return false;
  has_quotes_ = std::memchr(text_.data(), '"', text_.size()) != nullptr;
  if (has_quotes_ && leaves_quote_open(text_)) join_lines();
  return true;
}

void CsvRecords::join_lines() {
  constexpr std::size_t kMost = std::size_t{16} << 20;
  joined_.assign(text_.begin(), text_.end());
  for (bool open = true; open;) {
    std::span<char> line;
    if (!lines_.next(line)) throw Damage("a quote is opened and never closed");
    joined_ += '\n';
    joined_.append(line.data(), line.size());
    if (joined_.size() > kMost) throw Damage("a quoted field is longer than 16 MiB");
    open = !leaves_quote_open(line);
  }
  text_ = joined_;
}

}  // namespace prism::sheet
