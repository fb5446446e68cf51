#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/migration_files.hpp>
#include <prism/setup/sql_script.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;
using store::Migration;
using store::Version;

constexpr const char* kForm =
    "files are named like 001_initial.sql, or 001_initial.up.sql and "
    "001_initial.down.sql";

[[noreturn]] void refuse(const fs::path& file, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::bad_data, file.string() + ": " + what, hint);
}

/// What the name of a file says.
struct FileName {
  Version number = 0;
  std::string stem;  ///< `001_initial`
  bool down = false;
};

FileName parse_name(const fs::path& file) {
  const std::string name = file.filename().string();
  FileName parsed;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), parsed.number);
  const bool named = error == std::errc() && (*end == '_' || *end == '-');
  if (!named) refuse(file, "no number and name, such as 001_initial.sql", kForm);
  if (parsed.number < 1) refuse(file, "numbers begin at 1", "0 is the version without any of them");
  parsed.stem = name.substr(0, name.size() - 4);
  parsed.down = parsed.stem.ends_with(".down");
  if (parsed.down) parsed.stem.resize(parsed.stem.size() - 5);
  if (parsed.stem.ends_with(".up")) parsed.stem.resize(parsed.stem.size() - 3);
  return parsed;
}

bool is_migration(const fs::directory_entry& entry, Log& log) {
  const std::string name = entry.path().filename().string();
  if (name.ends_with(".sql") && !name.starts_with('.') && entry.is_regular_file()) return true;
  log.debug(entry.path().string() + ": passed over, for it is no .sql file");
  return false;
}

std::vector<fs::path> files_of(const fs::path& folder, Log& log) {
  std::vector<fs::path> files;
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (is_migration(entry, log)) files.push_back(entry.path());
    }
  } catch (const fs::filesystem_error& e) {
    throw system_error(e.code().value(), folder.string());
  }
  if (files.empty()) {
    throw Error(ErrorCode::input_missing, folder.string() + ": no .sql file in this folder", kForm);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t line_of(const std::string& text, std::size_t position) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
}

void check_text(const fs::path& file, const std::string& text) {
  if (trimmed(text).empty()) refuse(file, "nothing in it", "a comment says that this is meant");
  const std::size_t bad = std::min(find_invalid_utf8(text), text.find('\0'));
  if (bad != std::string::npos) {
    refuse(file, fmt::format("line {}: not UTF-8 text", line_of(text, bad)),
           "convert it, such as with iconv -t UTF-8");
  }
  if (const auto refusal = find_refusal(text)) {
    refuse(file, fmt::format("line {}: {}", refusal->line, refusal->what), refusal->advice);
  }
}

std::string read_sql(const fs::path& file) {
  constexpr std::size_t kLimit = std::size_t{16} << 20;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string text = read_file(file, kLimit);
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  check_text(file, text);
  return text;
}

/// The two files of one number.
struct Pair {
  fs::path up;
  fs::path down;
  std::string stem;
};

void add(std::map<Version, Pair>& pairs, const fs::path& file) {
  const FileName name = parse_name(file);
  Pair& pair = pairs[name.number];
  fs::path& place = name.down ? pair.down : pair.up;
  const fs::path& other = pair.up.empty() ? pair.down : pair.up;
  if (!other.empty() && (!place.empty() || pair.stem != name.stem)) {
    refuse(file, fmt::format("has number {} as {} has", name.number, other.filename().string()),
           "every number stands once; the name of a .down.sql file is that of its .up.sql file");
  }
  place = file;
  pair.stem = name.stem;
}

Migration read_pair(Version number, const Pair& pair) {
  if (pair.up.empty()) {
    refuse(pair.down, "nothing leads up to what it takes back",
           "beside it would be " + pair.stem + ".up.sql");
  }
  return {number, pair.up.filename().string(), read_sql(pair.up),
          pair.down.empty() ? std::string() : read_sql(pair.down)};
}

}  // namespace

std::vector<Migration> read_migration_files(const fs::path& folder, Log& log) {
  std::map<Version, Pair> pairs;
  for (const fs::path& file : files_of(folder, log)) add(pairs, file);
  std::vector<Migration> migrations;
  for (const auto& [number, pair] : pairs) migrations.push_back(read_pair(number, pair));
  return migrations;
}

}  // namespace prism::setup
