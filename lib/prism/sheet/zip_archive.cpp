#include <algorithm>
#include <utility>

#include <zip.h>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/zip_archive.hpp>

namespace prism::sheet {
namespace {

/// Sheets shrink to a tenth or a thirtieth; deflate can do a thousandth at most.
constexpr std::uint64_t kMostRatio = 200;
constexpr std::uint64_t kAllowedToHold = std::uint64_t{16} << 20;
constexpr std::uint64_t kAllowedToStream = std::uint64_t{1} << 30;

bool same_part(std::string_view a, std::string_view b) {
  const auto folded = [](char c) {
    if (c == '\\') return '/';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return folded(x) == folded(y); });
}

}  // namespace

void ZipPart::Close::operator()(zip_file* file) const { zip_fclose(file); }

ZipPart::ZipPart(zip* archive, std::uint64_t index, std::string name, PartUse use,
                 std::uint64_t archive_size)
    : name_(std::move(name)),
      always_allowed_(use == PartUse::held ? kAllowedToHold : kAllowedToStream) {
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive, index, 0, &status) == 0 && (status.valid & ZIP_STAT_COMP_SIZE) != 0) {
    // What the archive says of itself need not be true.
    packed_ = std::min<std::uint64_t>(status.comp_size, archive_size);
  }
  file_.reset(zip_fopen_index(archive, index, 0));
  if (!file_) throw Damage("part " + in_quotes(name_) + ": " + zip_strerror(archive));
}

std::size_t ZipPart::read(std::span<char> out) {
  const zip_int64_t got = zip_fread(file_.get(), out.data(), out.size());
  if (got < 0) {
    throw Damage("part " + in_quotes(name_) + " is damaged: " + zip_file_strerror(file_.get()));
  }
  unpacked_ += static_cast<std::uint64_t>(got);
  if (unpacked_ > always_allowed_ && unpacked_ / kMostRatio > packed_) {
    throw Damage("part " + in_quotes(name_) + " unpacks to more than " +
                 std::to_string(kMostRatio) + " times its size: a zip bomb");
  }
  return static_cast<std::size_t>(got);
}

void ZipArchive::Discard::operator()(zip* archive) const { zip_discard(archive); }

ZipArchive::ZipArchive(const std::filesystem::path& file, std::uint64_t size) : size_(size) {
  int code = 0;
  archive_.reset(zip_open(file.c_str(), ZIP_RDONLY, &code));
  if (archive_) return;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw Damage("damaged or truncated zip archive: " + text);
}

std::optional<std::uint64_t> ZipArchive::find(std::string_view name) const {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    const char* found = zip_get_name(archive_.get(), index, ZIP_FL_ENC_RAW);
    if (found == nullptr) continue;
    std::string_view found_name(found);
    if (found_name.starts_with('/')) found_name.remove_prefix(1);
    if (same_part(found_name, name)) return index;
  }
  return std::nullopt;
}

ZipPart ZipArchive::open(std::string_view name, PartUse use) const {
  const auto index = find(name);
  if (!index) throw Damage("part " + in_quotes(name) + " is missing");
  return {archive_.get(), *index, std::string(name), use, size_};
}

}  // namespace prism::sheet
