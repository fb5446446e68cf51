#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/repository/name.hpp>

namespace prism::repository {
namespace {

bool is_valid_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool is_valid_part(std::string_view part) {
  return !part.empty() && part.front() != '.' &&
         std::all_of(part.begin(), part.end(), is_valid_letter);
}

[[noreturn]] void refuse(const std::string& what, const std::string& found) {
  throw Error(ErrorCode::internal,
              what + " " + in_quotes(found) +
                  ": expected parts of letters, digits, '.', '-' and '_', none of which begins "
                  "with a dot, separated by '/'");
}

}  // namespace

bool is_valid_name(std::string_view name) {
  for (;;) {
    const std::size_t slash = name.find('/');
    if (!is_valid_part(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

void require_valid_name(const std::string& name) {
  if (!is_valid_name(name)) refuse("name of an object", name);
}

void require_valid_prefix(const std::string& prefix) {
  if (!is_valid_name(prefix + "a")) refuse("prefix of objects", prefix);
}

}  // namespace prism::repository
