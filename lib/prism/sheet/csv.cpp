#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include <prism/sheet/csv.hpp>

// It cuts a file's name on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation"
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prism::sheet {
namespace {

/// Feeds io::LineReader. A NUL would end a line early there, so it is remembered as found and
/// reported when the reader asks for a line.
class CheckedFile : public io::ByteSourceBase {
 public:
  CheckedFile(const std::filesystem::path& file, std::FILE* stream)
      : file_(file), stream_(stream) {}

  int read(char* buffer, int size) override {
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t got = std::fread(buffer, 1, wanted, stream_.get());
    if (std::ferror(stream_.get()) != 0) throw system_error(errno, file_.string());
    if (std::memchr(buffer, 0, got) != nullptr) {
      throw Error(ErrorCode::bad_data, file_.string() + ": holds NUL bytes, expected UTF-8 text");
    }
    return static_cast<int>(got);
  }

 private:
  struct Close {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };
  std::filesystem::path file_;
  std::unique_ptr<std::FILE, Close> stream_;
};

std::unique_ptr<CheckedFile> open_checked(const std::filesystem::path& file) {
  std::FILE* stream = std::fopen(file.c_str(), "rbe");
  if (stream == nullptr) throw system_error(errno, file.string());
  return std::make_unique<CheckedFile>(file, stream);
}

bool is_whole_number(std::string_view text) {
  text = trimmed(text);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

class CsvRows : public RowReader {
 public:
  explicit CsvRows(const std::filesystem::path& file)
      : name_(file.filename().string()), lines_(name_, open_checked(file)) {}

  bool next(Row& row) override {
    while (read_record()) {
      split();
      check_field_count();
      if (cells_.empty()) continue;
      row = {record_ - 1, cells_};
      return true;
    }
    return false;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::bad_data, fmt::format("{}: row {} (line {}): {}", name_, record_,
                                                 lines_.get_file_line(), what));
  }

  char* next_line() {
    try {
      return lines_.next_line();
    } catch (const io::error::line_length_limit_exceeded&) {
      fail("a line is longer than 16 MiB");
    }
  }

  /// Puts the next record into text_: one line, or several where a quoted field has line breaks.
  bool read_record() {
    ++record_;
    char* line = next_line();
    if (line == nullptr) return false;
    text_ = {line, std::strlen(line)};
    has_quotes_ = std::memchr(text_.data(), '"', text_.size()) != nullptr;
    if (has_quotes_ && open_quote(text_)) join_lines();
    return true;
  }

  static bool open_quote(std::span<const char> text) {
    return std::count(text.begin(), text.end(), '"') % 2 != 0;
  }

  void join_lines() {
    constexpr std::size_t kMost = std::size_t{16} << 20;
    joined_.assign(text_.begin(), text_.end());
    bool open = true;
    while (open) {
      const char* line = next_line();
      if (line == nullptr) fail("a quote is opened and never closed");
      const std::string_view more = line;
      joined_ += '\n';
      joined_ += more;
      if (joined_.size() > kMost) fail("a quoted field is longer than 16 MiB");
      if (open_quote(more)) open = false;
    }
    text_ = joined_;
  }

  void split() {
    cells_.clear();
    fields_ = 0;
    const std::string_view whole(text_.data(), text_.size());
    const bool valid = find_invalid_utf8(whole) == std::string_view::npos;
    std::size_t at = 0;
    for (bool more = true; more; ++at) {
      const std::string_view field =
          at < text_.size() && text_[at] == '"' ? take_quoted(at) : take_plain(at);
      if (!valid) require_utf8(field);
      if (!field.empty()) cells_.push_back({fields_, CellType::text, 0, field});
      ++fields_;
      more = at < text_.size();
    }
  }

  /// The field at `at`, which is moved to the comma behind it, or the end.
  std::string_view take_plain(std::size_t& at) const {
    const char* const begin = text_.data() + at;
    const auto* comma = static_cast<const char*>(std::memchr(begin, ',', text_.size() - at));
    const std::string_view field(
        begin, comma == nullptr ? text_.size() - at : static_cast<std::size_t>(comma - begin));
    if (has_quotes_ && field.find('"') != std::string_view::npos) {
      fail(fmt::format("field {} has a quote inside but is not quoted as a whole", fields_ + 1));
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
    if (at < text_.size() && text_[at] != ',') {
      fail(fmt::format("text after the closing quote of field {}", fields_ + 1));
    }
    return {begin, static_cast<std::size_t>(out - begin)};
  }

  void require_utf8(std::string_view field) const {
    const std::size_t bad = find_invalid_utf8(field);
    if (bad == std::string_view::npos) return;
    fail(fmt::format("field {} is not valid UTF-8 at byte {} (0x{:02x})", fields_ + 1, bad + 1,
                     static_cast<unsigned char>(field[bad])));
  }

  /// The header decides: it is the first row if that is all whole numbers, else the second.
  void check_field_count() {
    if (cells_.empty() && fields_ == 1) return;
    const bool header = record_ == 1 || (record_ == 2 && !first_is_header_);
    if (record_ == 1) first_is_header_ = mostly_whole_numbers();
    if (header) {
      expected_ = fields_;
    } else if (fields_ != expected_) {
      fail(fmt::format("{} fields, expected {} as in the header", fields_, expected_));
    }
  }

  /// Mostly, so that a header with a typo is still told from a title.
  bool mostly_whole_numbers() const {
    const auto count = std::count_if(cells_.begin(), cells_.end(),
                                     [](const Cell& cell) { return is_whole_number(cell.text); });
    return static_cast<std::size_t>(count) * 2 > cells_.size();
  }

  std::string name_;
  io::LineReader lines_;
  std::span<char> text_;  ///< of the current record; take_quoted writes into it
  std::string joined_;
  std::vector<Cell> cells_;
  std::uint32_t record_ = 0;
  std::uint32_t fields_ = 0;    ///< of the current record so far
  std::uint32_t expected_ = 0;  ///< of the header
  bool first_is_header_ = false;
  bool has_quotes_ = false;
};

class CsvWorkbook : public Workbook {
 public:
  explicit CsvWorkbook(std::filesystem::path file) : file_(std::move(file)) {}

  std::string_view format() const override { return "csv"; }
  std::span<const SheetInfo> sheets() const override { return {&sheet_, 1}; }
  std::unique_ptr<RowReader> rows(std::size_t, RowOrder) override {
    return std::make_unique<CsvRows>(file_);
  }

 private:
  std::filesystem::path file_;
  SheetInfo sheet_;
};

}  // namespace

std::unique_ptr<Workbook> open_csv(const std::filesystem::path& file) {
  open_checked(file);
  return std::make_unique<CsvWorkbook>(file);
}

}  // namespace prism::sheet
