#pragma once

#include <cstddef>
#include <stdexcept>

namespace prism::sheet {

/// What the inner readers throw when a file is not what it should be. They know neither the file's
/// name nor the sheet: who knows them makes an Error(bad_data) of it. Never leaves this folder.
class Damage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The cells of a sheet do not stand in the order of their rows.
class OutOfOrder : public Damage {
 public:
  using Damage::Damage;
};

/// `found 4 bytes, expected at least 10`
[[noreturn]] void throw_too_short(std::size_t found, std::size_t expected);

}  // namespace prism::sheet
