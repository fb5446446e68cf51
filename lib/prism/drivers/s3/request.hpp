#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::s3 {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// By their names in lower case.
using Headers = std::map<std::string, std::string>;

/// What the server is asked.
struct Request {
  std::string method = "GET";
  std::string key = {};     ///< of an object; empty: the bucket is asked
  Parameters query = {};    ///< in any order, not encoded
  Parameters headers = {};  ///< beside those of every request; they are signed
  std::string_view body = {};
  std::size_t limit = std::size_t{16} << 20;  ///< bytes of the answer's body; more is refused
  /// Takes back what was begun: asked also when a signal has come, but then not for long.
  bool cleans_up = false;
};

/// What it said.
struct PRISM_API Answer {
  int status = 0;  ///< 0: there is none
  Headers headers;
  std::string body;

  std::string header(const std::string& name) const;
};

/// The query as signatures need it: by name, encoded, with `=` behind each name.
PRISM_API std::string query_text(const Parameters& query);

}  // namespace prism::s3
