#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/csv.hpp>
#include <prism/sheet/csv_encoding.hpp>
#include <prism/sheet/csv_records.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/input_file.hpp>

namespace prism::sheet {
namespace {

bool is_whole_number(std::string_view text) {
  text = trimmed(text);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

class CsvRows : public RowReader {
 public:
  /// Throws Damage for UTF-32.
  CsvRows(std::shared_ptr<const ByteSource> source, std::string name, FieldCount field_count)
      : name_(std::move(name)),
        records_(std::move(source)),
        delimiter_(records_.delimiter()),
        encoding_(records_.encoding()),
        field_count_(field_count) {}

  bool next(Row& row) override {
    try {
      return next_row(row);
    } catch (const Damage& damage) {
      fail(place(), damage.what());
    }
  }

 private:
  [[noreturn]] void fail(CsvPlace place, const std::string& what) const {
    throw Error(ErrorCode::bad_data,
                fmt::format("{}: row {} (line {}): {}", name_, place.record, place.line, what));
  }

  CsvPlace place() const { return {records_.number(), records_.line()}; }

  bool next_row(Row& row) {
    while (records_.next()) {
      read_fields();
      check_field_count();
      if (cells_.empty()) continue;
      row = {records_.number() - 1, cells_};
      return true;
    }
    if (const auto fault = encoding_.fault()) fail(fault->place, fault->what);
    return false;
  }

  void read_fields() {
    text_ = records_.text();
    const bool decode = encoding_.needs_decoding({text_.data(), text_.size()});
    split();
    if (decode) encoding_.decode(cells_, place());
  }

  void split() {
    constexpr std::uint32_t kMostFields = 1'048'576;
    cells_.clear();
    fields_ = 0;
    std::size_t at = 0;
    for (bool more = true; more; ++at) {
      const std::string_view field =
          at < text_.size() && text_[at] == '"' ? take_quoted(at) : take_plain(at);
      if (!field.empty()) cells_.push_back({fields_, CellType::text, 0, field});
      if (++fields_ > kMostFields) throw Damage("more than 1,048,576 fields");
      more = at < text_.size();
    }
  }

  /// The field at `at`, which is moved to the delimiter behind it, or the end.
  std::string_view take_plain(std::size_t& at) const {
    const char* const begin = text_.data() + at;
    const std::size_t left = text_.size() - at;
    const auto* end = static_cast<const char*>(std::memchr(begin, delimiter_, left));
    const std::string_view field(begin,
                                 end == nullptr ? left : static_cast<std::size_t>(end - begin));
    if (records_.has_quotes() && field.find('"') != std::string_view::npos) {
      throw Damage(
          fmt::format("field {} has a quote inside but is not quoted as a whole", fields_ + 1));
    }
    at += field.size();
    return field;
  }

  /// Doubled quotes are made single where they stand: the field only gets shorter.
  std::string_view take_quoted(std::size_t& at) const {
    char* const begin = text_.data() + at + 1;
    char* out = begin;
    for (++at; at < text_.size(); ++at) {
      if (text_[at] == '"') {
        if (at + 1 == text_.size() || text_[at + 1] != '"') break;
        ++at;
      }
      *out++ = text_[at];
    }
    ++at;
    if (at < text_.size() && text_[at] != delimiter_) {
      throw Damage(fmt::format("text after the closing quote of field {}", fields_ + 1));
    }
    return {begin, static_cast<std::size_t>(out - begin)};
  }

  /// The header decides: it is the first row if that is all whole numbers, else the second.
  void check_field_count() {
    if (field_count_ == FieldCount::any || (cells_.empty() && fields_ == 1)) return;
    const std::uint32_t record = records_.number();
    const bool header = record == 1 || (record == 2 && !first_is_header_);
    if (record == 1) first_is_header_ = mostly_whole_numbers();
    if (header) {
      expected_ = fields_;
    } else if (fields_ != expected_) {
      throw Damage(fmt::format("{} fields, expected {} as in the header", fields_, expected_));
    }
  }

  /// Mostly, so that a header with a typo is still told from a title.
  bool mostly_whole_numbers() const {
    const auto count = std::count_if(cells_.begin(), cells_.end(),
                                     [](const Cell& cell) { return is_whole_number(cell.text); });
    return static_cast<std::size_t>(count) * 2 > cells_.size();
  }

  std::string name_;
  CsvRecords records_;
  char delimiter_;
  CsvEncoding encoding_;
  FieldCount field_count_;
  std::span<char> text_;  ///< of the current record; take_quoted writes into it
  std::vector<Cell> cells_;
  std::uint32_t fields_ = 0;    ///< of the current record so far
  std::uint32_t expected_ = 0;  ///< of the header
  bool first_is_header_ = false;
};

class CsvWorkbook : public Workbook {
 public:
  CsvWorkbook(std::shared_ptr<const ByteSource> source, std::string name, FieldCount field_count)
      : source_(std::move(source)), name_(std::move(name)), field_count_(field_count) {}

  std::string_view format() const override { return "csv"; }
  std::span<const SheetInfo> sheets() const override { return {&sheet_, 1}; }

  std::unique_ptr<RowReader> rows(std::size_t, RowOrder) override {
    try {
      return std::make_unique<CsvRows>(source_, name_, field_count_);
    } catch (const Damage& damage) {
      throw Error(ErrorCode::bad_data, name_ + ": " + damage.what());
    }
  }

 private:
  std::shared_ptr<const ByteSource> source_;
  std::string name_;
  FieldCount field_count_;
  SheetInfo sheet_;
};

}  // namespace

std::unique_ptr<Workbook> open_csv(const std::filesystem::path& file, FieldCount field_count) {
  return open_csv(std::make_shared<InputFile>(file), file.filename().string(), field_count);
}

std::unique_ptr<Workbook> open_csv(std::shared_ptr<const ByteSource> source, std::string name,
                                   FieldCount field_count) {
  return std::make_unique<CsvWorkbook>(std::move(source), std::move(name), field_count);
}

}  // namespace prism::sheet
