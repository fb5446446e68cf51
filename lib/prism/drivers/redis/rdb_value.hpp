#pragma once

#include <cstdint>
#include <set>
#include <string>

#include <prism/drivers/redis/rdb_input.hpp>

namespace prism::redis {

/// Names of module types, such as `ReJSON-RL`.
using ModuleTypes = std::set<std::string>;

/// Throws Error(bad_data) for a byte that is no type of a value, before its key is read.
void require_value_type(const RdbInput& input, std::uint8_t type);

/// Takes a value of that type (RDB_TYPE_… of redis/src/rdb.h, of Redis up to 8.0) to its end. What
/// lies within a compact encoding (ziplist, listpack, intset) is not looked at. The types of
/// modules are noted.
void skip_value(RdbInput& input, std::uint8_t type, ModuleTypes& modules);

/// Takes what a module keeps beside its keys, and notes whose it is.
void skip_module_aux(RdbInput& input, ModuleTypes& modules);

/// The nine characters of a module type's number; its low 10 bits are a version
/// (redis/src/module.c).
std::string module_type_name(std::uint64_t number);

}  // namespace prism::redis
