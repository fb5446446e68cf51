#include <algorithm>
#include <cstddef>

#include <prism/base/text.hpp>
#include <prism/sheet/number_format.hpp>

namespace prism::sheet {
namespace {

/// Walks over the first section of a format code and notes which dates and times it shows.
class FormatScanner {
 public:
  explicit FormatScanner(std::string_view code) : rest_(code) {}

  CellType type() {
    while (!rest_.empty() && rest_[0] != ';') take_token();
    settle_month();
    if (date_ && time_) return CellType::date_time;
    if (date_) return CellType::date;
    if (elapsed_) return CellType::duration;
    return time_ ? CellType::time : CellType::number;
  }

 private:
  void take_token() {
    switch (rest_[0]) {
      case '"':
        return skip_through('"');
      case '\\':
      case '_':  // a blank as wide as the next character
      case '*':  // the next character, repeated
        return take(2);
      case '[':
        return take_bracket();
      case '0':
      case '#':
      case '?':
        after_digit_ = true;
        return take(1);
      default:
        return take_word();
    }
  }

  void take_word() {
    for (const std::string_view word : {"AM/PM", "A/P"}) {
      if (starts_with(word)) {
        note_time();
        return take(word.size());
      }
    }
    if (starts_with("General")) return take(7);
    take_letter();
  }

  void take_letter() {
    const char letter = lowered(rest_[0]);
    const bool exponent =
        letter == 'e' && after_digit_ && rest_.size() > 1 && (rest_[1] == '+' || rest_[1] == '-');
    const std::size_t run = exponent ? 2 : run_length();
    switch (exponent ? '\0' : letter) {
      case 'm':
        take_month_or_minute(run);
        break;
      case 'y':
      case 'd':
      case 'e':  // year of an era
      case 'b':  // Buddhist year
      case 'g':  // name of an era
        note_date();
        break;
      case 'h':
        note_time();
        after_hour_ = true;
        break;
      case 's':
        take_second();
        break;
      default:
        break;
    }
    take(run);
  }

  /// `m` means minutes after hours or before seconds, else months; a third `m` always a month.
  void take_month_or_minute(std::size_t run) {
    settle_month();
    if (run > 2) {
      note_date();
    } else if (after_hour_) {
      note_time();
      after_hour_ = false;
    } else {
      month_pending_ = true;
    }
  }

  void take_second() {
    month_pending_ = false;  // it was minutes
    note_time();
    after_hour_ = false;
  }

  /// `[h]`, `[mm]`, `[ss]` are elapsed time; all other brackets are colours, conditions and
  /// locales.
  void take_bracket() {
    const std::size_t end = rest_.find(']');
    if (end == std::string_view::npos) return take(rest_.size());
    const std::string_view inside = rest_.substr(1, end - 1);
    const char first = inside.empty() ? '\0' : lowered(inside[0]);
    const bool alike =
        std::all_of(inside.begin(), inside.end(), [first](char c) { return lowered(c) == first; });
    elapsed_ = elapsed_ || (alike && (first == 'h' || first == 'm' || first == 's'));
    if (alike && first == 'h') {
      note_time();
      after_hour_ = true;
    } else if (alike && first == 's') {
      take_second();
    } else if (alike && first == 'm') {
      note_time();
    }
    take(end + 1);
  }

  void note_date() {
    settle_month();
    date_ = true;
    after_hour_ = false;
  }
  void note_time() {
    settle_month();
    time_ = true;
  }
  void settle_month() {
    date_ = date_ || month_pending_;
    month_pending_ = false;
  }

  void take(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }
  void skip_through(char end) {
    const std::size_t at = rest_.find(end, 1);
    take(at == std::string_view::npos ? rest_.size() : at + 1);
  }
  bool starts_with(std::string_view word) const {
    return equals_ignoring_case(rest_.substr(0, word.size()), word);
  }
  std::size_t run_length() const {
    const char first = lowered(rest_[0]);
    std::size_t n = 1;
    while (n < rest_.size() && lowered(rest_[n]) == first) ++n;
    return n;
  }
  static char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

  std::string_view rest_;
  bool date_ = false;
  bool time_ = false;
  bool elapsed_ = false;
  bool month_pending_ = false;  ///< an `m` of which only the next letter tells what it is
  bool after_hour_ = false;
  bool after_digit_ = false;
};

}  // namespace

CellType type_of_format_code(std::string_view code) { return FormatScanner(code).type(); }

CellType type_of_builtin_format(std::uint32_t id) {
  const auto within = [id](std::uint32_t from, std::uint32_t to) { return from <= id && id <= to; };
  if (id == 22) return CellType::date_time;
  if (id == 46) return CellType::duration;  // `[h]:mm:ss`
  // 32 and 33 are `h"時"mm"分"` in all the languages.
  if (within(18, 21) || within(45, 47) || within(32, 33)) return CellType::time;
  if (within(14, 17) || within(27, 36) || within(50, 58)) return CellType::date;
  return CellType::number;
}

void CellFormats::add_code(std::uint32_t id, std::string_view code) {
  codes_[id] = type_of_format_code(code);
}

void CellFormats::resolve() {
  types_.clear();
  types_.reserve(format_ids_.size());
  for (const std::uint32_t id : format_ids_) {
    const auto code = codes_.find(id);
    types_.push_back(code != codes_.end() ? code->second : type_of_builtin_format(id));
  }
}

}  // namespace prism::sheet
