#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/blocks/pack_index.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>

namespace prism::blocks {

/// Reads a pack from its begin to its end. Used by one thread. Throws Error(bad_data) that names it
/// where it is not there, or not what its record says.
class PackReader {
 public:
  /// `identity`: of age, where it is encrypted; Error(configuration) where that is empty.
  PackReader(repository::Repository& repository, const PackRecord& pack, bool encrypted,
             const std::filesystem::path& identity, const Cancel& cancel);

  /// The next frame, which has so many compressed bytes; good until the next call.
  std::string_view next_frame(std::size_t bytes);
  /// After the last one.
  void finish();

 private:
  std::size_t read(std::span<char> into);

  repository::Repository& repository_;
  const PackRecord& pack_;
  const Cancel& cancel_;
  std::string name_;
  std::unique_ptr<ByteSource> object_;
  std::optional<repository::HashSource> hash_;
  std::optional<repository::AgeSource> age_;
  std::unique_ptr<char[]> frame_;
};

/// Reads what is stored of a pack to its end: it must be what its record says.
void check_pack(repository::Repository& repository, const PackRecord& pack, bool encrypted,
                const Cancel& cancel);

}  // namespace prism::blocks
