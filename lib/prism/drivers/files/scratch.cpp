#include <array>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/drivers/files/component.hpp>
#include <prism/drivers/files/root_folder.hpp>
#include <prism/drivers/files/scratch.hpp>
#include <prism/drivers/files/tally.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {
namespace {

namespace fs = std::filesystem;
using backup::Check;

constexpr const char* kMissing = "not there";

std::string sha256_of_rest(TarReader& tar) {
  Sha256 hash;
  for (std::string_view piece = tar.content(); !piece.empty(); piece = tar.content()) {
    hash.add(piece);
  }
  return hash.hex();
}

/// Through no symbolic link.
std::string sha256_of_file(int folder, const std::string& name) {
  const FileDescriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return kMissing;
  Sha256 hash;
  std::array<char, 64 * 1024> block{};
  for (;;) {
    const ssize_t size = ::read(file.get(), block.data(), block.size());
    if (size < 0) throw system_error(errno, name);
    if (size == 0) return hash.hex();
    hash.add({block.data(), static_cast<std::size_t>(size)});
  }
}

std::string target_of(int folder, const std::string& name) {
  std::array<char, 4097> text{};
  const ssize_t size = ::readlinkat(folder, name.c_str(), text.data(), text.size());
  return size < 0 ? kMissing : std::string(text.data(), static_cast<std::size_t>(size));
}

std::string state_of(mode_t mode, const std::string& kind, time_t modified) {
  return fmt::format("{} {:o}, modified {}", kind, mode & 07777U, modified);
}

std::string kind_of(const struct stat& state) {
  if (S_ISDIR(state.st_mode)) return "folder";
  return S_ISLNK(state.st_mode) ? "link" : "file";
}

/// Compares a folder with what it was restored from.
class Comparison {
 public:
  explicit Comparison(const RootFolder& root) : root_(root) {}

  void compare(const TarEntry& entry, TarReader& tar) {
    const SplitName name(entry.name);
    const FileDescriptor folder = root_.open(name.folder, RootFolder::Missing::fail);
    // The root of what was backed up as a whole has no name.
    const std::string last = name.last.empty() ? "." : name.last;
    struct stat state {};
    const bool there = ::fstatat(folder.get(), last.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0;
    if (there) tally_.add(entry);
    switch (entry.kind) {
      case TarEntry::Kind::symbolic_link:
        return note("link " + entry.name, entry.target, target_of(folder.get(), last));
      case TarEntry::Kind::hard_link:
        return note("link " + entry.name, "there", there ? "there" : kMissing);
      case TarEntry::Kind::file:
        note("content of " + entry.name, sha256_of_rest(tar), sha256_of_file(folder.get(), last));
        [[fallthrough]];
      case TarEntry::Kind::folder:
        compare_state(entry, there, state);
    }
  }

  backup::Counts counts() const { return tally_.counts(); }

  std::vector<Check> checks() const {
    std::vector<Check> checks = different_;
    const auto all = std::to_string(compared_);
    checks.push_back({"contents, modes and times that are as stored", all,
                      std::to_string(compared_ - differences_)});
    return checks;
  }

 private:
  void compare_state(const TarEntry& entry, bool there, const struct stat& state) {
    const std::string kind = entry.kind == TarEntry::Kind::folder ? "folder" : "file";
    // A time that is before all times, or none, can't be set.
    const time_t stored = entry.modified ? entry.modified->tv_sec : state.st_mtim.tv_sec;
    note("mode and time of " + entry.name, state_of(entry.mode, kind, stored),
         there ? state_of(state.st_mode, kind_of(state), state.st_mtim.tv_sec) : kMissing);
  }

  void note(std::string what, std::string expected, std::string found) {
    constexpr std::size_t kShown = 20;
    ++compared_;
    if (expected == found) return;
    ++differences_;
    if (different_.size() < kShown) {
      different_.push_back({std::move(what), std::move(expected), std::move(found)});
    }
  }

  const RootFolder& root_;
  Tally tally_;
  std::vector<Check> different_;
  std::uint64_t compared_ = 0;
  std::uint64_t differences_ = 0;
};

class ScratchFolder : public backup::ScratchTarget {
 public:
  ScratchFolder(const fs::path& folder, const Cancel& cancel)
      : cancel_(cancel),
        folder_(folder, "prismctl-restore-test-"),
        component_(open_component({{}, folder_.path()}, cancel)) {}

  std::string location() const override { return folder_.path().string(); }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const auto source = artifacts.open(artifacts.names().at(0));
    TarReader tar(*source, cancel_);
    const RootFolder root(folder_.path());
    Comparison comparison(root);
    while (const auto entry = tar.next()) {
      comparison.compare(*entry, tar);
      while (!tar.content().empty()) continue;
    }
    return {comparison.counts(), comparison.checks()};
  }

 private:
  const Cancel& cancel_;
  TemporaryFolder folder_;
  std::unique_ptr<backup::Component> component_;
};

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_folder(const fs::path& folder,
                                                           const Cancel& cancel) {
  return std::make_unique<ScratchFolder>(folder.empty() ? fs::temp_directory_path() : folder,
                                         cancel);
}

}  // namespace prism::files
