#pragma once

#include <memory>

#include <prism/drivers/sqlite/database.hpp>
#include <prism/store/store.hpp>

namespace prism::sqlite {

/// Opens the store in an SQLite file. Only Access::create makes a file that isn't there.
std::unique_ptr<store::FactStore> open_store(Options options, const Cancel& cancel);

}  // namespace prism::sqlite
