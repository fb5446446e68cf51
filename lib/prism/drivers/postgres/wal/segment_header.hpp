#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::postgres {

/// The header that a segment begins with takes so many bytes.
constexpr std::size_t kSegmentHeaderBytes = 40;

/// Throws Error(bad_data) unless a segment of that name (or the `.partial` of one) may begin with
/// `begin` and has `bytes` bytes in all: WAL of that system, at that place, of a timeline that may
/// lead to it (the first segment of a timeline begins with a copy of the one before). `where` is
/// for the words. Source: XLogLongPageHeaderData in src/include/access/xlog_internal.h; the numbers
/// are in this machine's own order, as are those of the server's files.
PRISM_API void require_segment(std::string_view begin, std::uint64_t bytes,
                               const std::string& system_id, const std::string& name,
                               const std::string& where);

/// The system identifier in `global/pg_control` of a data folder, by what that file begins with.
/// Throws Error(bad_data) for what can't be such a file.
PRISM_API std::string system_id_of_control(std::string_view begin, const std::string& where);

}  // namespace prism::postgres
