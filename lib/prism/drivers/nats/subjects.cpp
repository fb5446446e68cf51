#include <algorithm>

#include <prism/drivers/nats/subjects.hpp>

namespace prism::nats {
namespace {

std::string_view take_word(std::string_view& subject) {
  const auto dot = std::min(subject.find('.'), subject.size());
  const std::string_view word = subject.substr(0, dot);
  subject.remove_prefix(std::min(dot + 1, subject.size()));
  return word;
}

}  // namespace

bool overlap(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view one = take_word(a), other = take_word(b);
    if (one == ">" || other == ">") return true;
    if (one != other && one != "*" && other != "*") return false;
  }
  return a.empty() && b.empty();
}

}  // namespace prism::nats
