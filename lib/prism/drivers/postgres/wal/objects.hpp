#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/repository/repository.hpp>

namespace prism::postgres {

// How the objects of WalArchive are called.

constexpr const char* kWalRoot = "wal/";
constexpr std::string_view kWalPlain = ".zst";
constexpr std::string_view kWalEncrypted = ".zst.age";
constexpr std::string_view kWalHash = ".sha256";

/// `wal/<system id>/`
std::string wal_prefix(const std::string& system_id);

/// Of an object, but for what it ends with.
std::string wal_place(const std::string& system_id, const std::string& name);

/// The name of the WAL file whose content an object holds; nothing for any other.
std::optional<std::string> wal_name_in(const repository::Object& object);

}  // namespace prism::postgres
