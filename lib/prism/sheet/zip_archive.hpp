#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct zip;
struct zip_file;

namespace prism::sheet {

/// What becomes of a part's content. It tells from which size on a part that unpacks to 200 times
/// its size is taken for one that is meant to hurt: 16 MiB, or 1 GiB where only time is at stake.
enum class PartUse : std::uint8_t { held, streamed };

/// One part of a zip archive, read from its beginning to its end.
class ZipPart {
 public:
  ZipPart(zip* archive, std::uint64_t index, std::string name, PartUse use,
          std::uint64_t archive_size);

  const std::string& name() const { return name_; }

  /// Fills the front of `out` and returns how many bytes that were; 0 at the end. Throws Damage
  /// when the data are damaged, or unpack to so much more than they were that they must be meant to
  /// hurt.
  std::size_t read(std::span<char> out);

 private:
  struct Close {
    void operator()(zip_file* file) const;
  };

  std::string name_;
  std::unique_ptr<zip_file, Close> file_;
  std::uint64_t always_allowed_;
  std::uint64_t packed_ = 0;
  std::uint64_t unpacked_ = 0;
};

/// A zip archive open for reading. Throws Damage.
class ZipArchive {
 public:
  /// `size` is the file's, in bytes.
  ZipArchive(const std::filesystem::path& file, std::uint64_t size);

  /// Names are compared without regard to case, and `\` is taken as `/`: [ECMA-376] part 2, section
  /// 6.2.2.3, and what some programs write. They do not begin with a slash.
  bool contains(std::string_view name) const { return find(name).has_value(); }

  /// The part, which must not outlive the archive, or Damage when there is none.
  ZipPart open(std::string_view name, PartUse use = PartUse::held) const;

 private:
  struct Discard {
    void operator()(zip* archive) const;
  };

  std::optional<std::uint64_t> find(std::string_view name) const;

  std::unique_ptr<zip, Discard> archive_;
  std::uint64_t size_ = 0;
};

}  // namespace prism::sheet
