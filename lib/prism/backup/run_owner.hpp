#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::backup {

/// A run of prismctl, told so that others can see whether it has ended.
struct PRISM_API RunOwner {
  std::string purpose = {};        ///< `backup prune`
  std::string host = {};           ///< for people: two machines may have one name
  std::string boot = {};           ///< the boot id of its kernel, random(4); empty: not known
  std::string pid_namespace = {};  ///< that its number is of: `pid:[4026531836]`; empty: not known
  std::int64_t process = 0;
  std::string begun = {};  ///< of that process: its number may be another's by now

  /// `backup, process 17 on db1`
  std::string text() const;
  bool is_same_run(const RunOwner& other) const;
  /// Of a process that can't be seen from here (another kernel, another container): false.
  bool has_ended() const;
};

PRISM_API RunOwner this_run(std::string_view purpose);

PRISM_API std::string to_json_text(const RunOwner& owner);
/// Nothing for what is none. What else the object has is passed over.
PRISM_API std::optional<RunOwner> parse_run_owner(std::string_view json);

}  // namespace prism::backup
