#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

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
  /// `before`: the number of the row that came first, counted from 1.
  explicit OutOfOrder(std::uint32_t before);
};

/// The workbook needs a password that is not known here.
class PRISM_API Encrypted : public Damage {
 public:
  explicit Encrypted(const std::string& what = "encrypted: the workbook is protected by a password")
      : Damage(what) {}
};

/// `found 4 bytes, expected at least 10`
[[noreturn]] void throw_too_short(std::size_t found, std::size_t expected);

}  // namespace prism::sheet
