#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/config/env_file.hpp>

namespace prism::config {
namespace {

bool is_name_character(char c, bool first) {
  const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  return letter || (!first && c >= '0' && c <= '9');
}

bool is_name(std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_name_character(name[i], i == 0)) return false;
  }
  return true;
}

class Parser {
 public:
  Parser(const std::string& name, const Environment& outer) : name_(name), outer_(outer) {}

  std::map<std::string, std::string> parse(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      ++line_;
      take_line(trimmed(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(values_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::configuration, fmt::format("{}: line {}: {}", name_, line_, what),
                "lines look like KEY=value");
  }

  void take_line(std::string_view line) {
    if (line.empty() || line.front() == '#') return;
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) fail("no '=' in it");
    const std::string_view key = trimmed(line.substr(0, equals));
    if (!is_name(key)) fail("not the name of a variable before '='");
    values_[std::string(key)] = value_of(trimmed(line.substr(equals + 1)));
  }

  std::string value_of(std::string_view text) {
    if (text.starts_with('\'')) return single_quoted(text.substr(1));
    if (text.starts_with('"')) return double_quoted(text.substr(1));
    if (text.starts_with('#')) return {};
    const auto comment = std::min(text.find(" #"), text.find("\t#"));
    return expanded(trimmed(text.substr(0, comment)));
  }

  void require_end(std::string_view rest) const {
    rest = trimmed(rest);
    if (!rest.empty() && rest.front() != '#') fail("text behind the closing quote");
  }

  std::string single_quoted(std::string_view text) const {
    const auto end = text.find('\'');
    if (end == std::string_view::npos) fail("a single quote is never closed");
    require_end(text.substr(end + 1));
    return std::string(text.substr(0, end));
  }

  std::string double_quoted(std::string_view text) const {
    std::size_t end = 0;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) fail("a double quote is never closed");
    require_end(text.substr(end + 1));
    return expanded(text.substr(0, end), true);
  }

  /// As a shell has it: a backslash before anything else stands for itself.
  static bool is_escape(std::string_view text) {
    constexpr std::string_view kEscaped = "$\"\\`";
    return text.size() > 1 && text[0] == '\\' && kEscaped.find(text[1]) != std::string_view::npos;
  }

  /// Of a text that begins with `${`: where its `}` stands, behind those of variables within it.
  std::size_t end_of_variable(std::string_view text) const {
    int open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with("${")) ++open;
      if (text[i] == '}' && --open == 0) return i;
    }
    fail("'${' without '}'");
  }

  std::string expanded(std::string_view text, bool escapes = false, int depth = 0) const {
    constexpr int kDeepest = 16;
    if (depth > kDeepest) fail("variables nested too deep");
    std::string out;
    while (!text.empty()) {
      if (escapes && is_escape(text)) {
        out += text[1];
        text.remove_prefix(2);
      } else if (text.starts_with("${")) {
        const std::size_t end = end_of_variable(text);
        out += variable(text.substr(2, end - 2), depth);
        text.remove_prefix(end + 1);
      } else {
        out += text.front();
        text.remove_prefix(1);
      }
    }
    return out;
  }

  /// `VAR` or `VAR:-default`
  std::string variable(std::string_view text, int depth) const {
    const auto dash = text.find(":-");
    const std::string key(text.substr(0, dash));
    if (!is_name(key)) fail("not the name of a variable in '${…}'");
    std::string value;
    if (const auto own = values_.find(key); own != values_.end()) {
      value = own->second;
    } else {
      value = outer_(key).value_or("");
    }
    if (value.empty() && dash != std::string_view::npos) {
      return expanded(text.substr(dash + 2), false, depth + 1);
    }
    return value;
  }

  const std::string& name_;
  const Environment& outer_;
  int line_ = 0;
  std::map<std::string, std::string> values_;
};

}  // namespace

std::map<std::string, std::string> parse_env(std::string_view text, const std::string& name,
                                             const Environment& outer) {
  return Parser(name, outer).parse(text);
}

std::map<std::string, std::string> read_env_file(const std::filesystem::path& file,
                                                 const Environment& outer) {
  constexpr std::size_t kLimit = std::size_t{1} << 20;
  return parse_env(read_file(file, kLimit), file.string(), outer);
}

}  // namespace prism::config
