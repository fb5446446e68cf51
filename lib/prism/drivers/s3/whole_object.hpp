#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <prism/drivers/s3/attributes.hpp>
#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {

/// An object of up to 8 MiB with all that belongs to it; of a larger one only the size is known.
struct WholeObject {
  std::uint64_t size = 0;
  std::optional<std::string> bytes;
  Attributes attributes;

  bool is_large() const { return !bytes; }
};

/// Of an object whose GET or HEAD was answered with these headers; its tags are asked for where
/// they say that there are some.
PRISM_API Attributes read_attributes(Client& client, const std::string& key,
                                     const Headers& answered);

/// Reads an object, in one request as a rule, as it is at one moment: one that changes meanwhile is
/// read anew. `size` is what it is expected to have. Nothing where there is none. Throws
/// Error(unavailable) for one that never comes to rest.
PRISM_API std::optional<WholeObject> read_whole(Client& client, const std::string& key,
                                                std::uint64_t size);

/// Whether a failure tells that there is no such object, or another by now.
PRISM_API bool is_gone(const Failure& failure);
PRISM_API bool is_changed(const Failure& failure);

/// How often an object that changes is read anew.
inline constexpr int kTries = 10;

[[noreturn]] PRISM_API void fail_restless(const Client& client, const std::string& key);

}  // namespace prism::s3
