#pragma once

#include <string>
#include <string_view>

#include <prism/drivers/neo4j/failure.hpp>
#include <prism/drivers/neo4j/query.hpp>

namespace prism::neo4j {

/// The tag of a message; 0 for what is none.
std::uint8_t tag_of(std::string_view message);

/// Whether a SUCCESS says that there are more records.
PRISM_API bool has_more(std::string_view success);

/// Adds what a SUCCESS behind RUN, PULL, DISCARD or COMMIT says; `metadata` is at its map.
PRISM_API void add_to(Summary& summary, Unpacker& metadata);

/// What a FAILURE of that server says, in the words of any version; `metadata` is at its map.
PRISM_API Failure failure_of(const std::string& where, Unpacker& metadata);

}  // namespace prism::neo4j
