#include <algorithm>

#include <prism/config/url.hpp>
#include <prism/drivers/s3/request.hpp>

namespace prism::s3 {

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string query_text(const Parameters& query) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : query) {
    parts.push_back(config::percent_encoded(name) + "=" + config::percent_encoded(value));
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "&") + part;
  return text;
}

}  // namespace prism::s3
