#pragma once

#include <string>
#include <vector>

#include <prism/cache/builder.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/importer.hpp>

#include "console/output.hpp"

namespace prismctl {

// What commands tell of the parts that several of them have: for people and as JSON.

Json to_json(const prism::setup::ConvertResult& result);
Json to_json(const prism::setup::ImportResult& result);
Json to_json(const prism::cache::BuildReport& report);
/// `{"facts": {"keys": …, "members": …}, "lineage": …, "subtypes": …}`
Json to_json(const prism::cache::Meta& meta);

std::string summary_of(const prism::setup::ImportResult& result);
std::string summary_of(const prism::cache::Meta& meta);
/// Empty when no row was rejected.
std::string rejects_of(std::uint64_t rejected, const std::filesystem::path& file);

}  // namespace prismctl
