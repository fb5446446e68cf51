#pragma once

#include <cstddef>
#include <stdexcept>

#include <prism/base/export.hpp>

namespace prism::sheet {

/// What the inner readers throw when a file is not what it should be. They know neither the file's
/// name nor the sheet: who knows them makes an Error(bad_data) of it. Never leaves this folder.
class PRISM_API Damage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Rows that do not rise, where the reader cannot go back.
class PRISM_API OutOfOrder : public Damage {
 public:
  using Damage::Damage;
};

/// `found 4 bytes, expected at least 10`
[[noreturn]] void throw_too_short(std::size_t found, std::size_t expected);

}  // namespace prism::sheet
