#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <string_view>

#include <glob.h>
#include <sys/stat.h>

#include <prism/base/error.hpp>
#include <prism/drivers/files/paths.hpp>

namespace prism::files {
namespace {

namespace fs = std::filesystem;

fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error) throw system_error(error.value(), path.string());
  return real;
}

/// Below the root, for something that is there.
std::string name_of(const fs::path& path, const fs::path& root) {
  const fs::path last = path.filename();
  const bool is_whole = last.empty() || last == "." || last == "..";
  const fs::path real = is_whole ? resolved(path) : resolved(path.parent_path()) / last;
  const std::string name = real.lexically_relative(root).string();
  if (name == ".") return {};
  if (!name.starts_with("..") || (name.size() > 2 && name[2] != '/')) return name;
  throw Error(ErrorCode::refused, path.string() + ": leads to " + real.string() +
                                      ", which is not below " + root.string());
}

bool is_there(const std::string& path) {
  struct stat state {};
  if (::lstat(path.c_str(), &state) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) return false;
  throw system_error(errno, path);
}

/// As a pattern that matches only it.
std::string escaped(std::string_view path) {
  std::string pattern;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

struct FreeMatches {
  void operator()(glob_t* matches) const { ::globfree(matches); }
};

std::vector<std::string> matches_of(const std::string& pattern) {
  const auto end_if_refused = [](const char*, int error) { return error == EACCES ? 1 : 0; };
  glob_t found{};
  const std::unique_ptr<glob_t, FreeMatches> owner(&found);
  const int result = ::glob(pattern.c_str(), 0, end_if_refused, &found);
  if (result == GLOB_NOMATCH) return {};
  if (result == 0) return {found.gl_pathv, found.gl_pathv + found.gl_pathc};
  throw Error(result == GLOB_ABORTED ? ErrorCode::permission : ErrorCode::io,
              pattern + ": a folder on the way could not be read");
}

}  // namespace

std::vector<std::string> names_of(const std::string& path, const fs::path& root) {
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  if (error || path.empty()) return {};
  const bool is_absolute = path.starts_with('/');
  const fs::path folder = is_absolute ? real_root : real_root / fs::current_path().relative_path();
  const fs::path relative = fs::path(path).relative_path();
  const fs::path literal = folder / relative;
  if (is_there(literal.string())) return {name_of(literal, real_root)};
  std::vector<std::string> names;
  const fs::path pattern = fs::path(escaped(folder.string())) / relative;
  for (const std::string& match : matches_of(pattern.string())) {
    names.push_back(name_of(match, real_root));
  }
  return names;
}

std::vector<std::string> without_nested(std::vector<std::string> names) {
  const std::set<std::string> all(names.begin(), names.end());
  const auto lies_in_another = [&](const std::string& name) {
    if (!name.empty() && all.contains("")) return true;
    for (auto at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1)) {
      if (all.contains(name.substr(0, at))) return true;
    }
    return false;
  };
  names.assign(all.begin(), all.end());
  std::erase_if(names, lies_in_another);
  return names;
}

}  // namespace prism::files
