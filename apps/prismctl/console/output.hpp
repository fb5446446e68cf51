#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace prismctl {

using Json = nlohmann::ordered_json;

/// Standard output: results and nothing else. A reader that went away is no error.
class Output {
 public:
  Output(bool json, bool quiet);

  bool json() const { return json_; }
  bool colour() const { return colour_; }

  /// The one document of --json. `schema` is put in front.
  void document(Json result);

  /// A line for people: nothing under --json or --quiet.
  void line(std::string_view text);

  /// Data that were asked for, whatever the flags. False when no one reads any more. Throws
  /// Error(io) when they can't be written.
  static bool write(std::string_view data);

 private:
  bool json_;
  bool quiet_;
  bool colour_;
};

}  // namespace prismctl
