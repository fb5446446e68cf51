#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <prism/base/stream.hpp>

namespace prism::repository {

struct Object {
  std::string name;
  std::uint64_t size = 0;  ///< bytes
  std::chrono::system_clock::time_point modified;
};

/// Where backups lie: objects that are written once, whole or not at all, and never changed. A name
/// is one or more parts of letters, digits, `.`, `-` and `_`, none of which begins with a dot,
/// separated by `/`; any other throws Error(internal). Several threads may call. Failures are
/// Error(io), (unavailable) or (permission); a driver that is asked over a network tries again by
/// itself.
class PRISM_API Repository {
 public:
  virtual ~Repository() = default;

  /// For people: no secrets.
  virtual std::string location() const = 0;

  /// The object is there, durably, once `finish()` has returned, which throws Error(refused) when
  /// another of that name came first. Without `finish()` nothing is left behind.
  virtual std::unique_ptr<ByteSink> create(const std::string& name) = 0;

  /// Throws Error(input_missing) when there is none.
  virtual std::unique_ptr<ByteSource> open(const std::string& name) = 0;

  /// Those whose names begin so, by name; none where nothing was ever written.
  virtual std::vector<Object> list(const std::string& prefix) = 0;

  /// It is no error when there is none.
  virtual void remove(const std::string& name) = 0;

  /// Removes what writers that died have left of objects, and that has not grown since then.
  virtual void remove_leftovers(std::chrono::system_clock::time_point before) = 0;
};

}  // namespace prism::repository
