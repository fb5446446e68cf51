#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/drivers/files/component.hpp>

#include "support/temporary.hpp"

namespace prism::files {

namespace fs = std::filesystem;
using test::content_of;
using test::Folder;

// ---- artifacts ----------------------------------------------------------------------------------

/// Artifacts in memory. `on_write` and `on_read` run with every block.
class Artifacts : public backup::ArtifactWriter, public backup::ArtifactReader {
 public:
  Artifacts() = default;
  explicit Artifacts(std::string tar) { finished_["tar"] = std::move(tar); }

  std::unique_ptr<ByteSink> create(const std::string& name) override {
    return std::make_unique<Sink>(*this, name);
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : finished_) names.push_back(name);
    return names;
  }
  std::unique_ptr<ByteSource> open(const std::string& name) override {
    if (!finished_.contains(name)) throw Error(ErrorCode::bad_data, name + ": no such artifact");
    return std::make_unique<Source>(*this, finished_[name]);
  }

  const std::string& tar() const { return finished_.at("tar"); }

  std::function<void()> on_write = [] {};
  std::function<void()> on_read = [] {};
  std::size_t piece = 10'000;  ///< that a source gives at most

 private:
  class Sink : public ByteSink {
   public:
    Sink(Artifacts& owner, std::string name) : owner_(owner), name_(std::move(name)) {}
    void write(std::string_view bytes) override {
      bytes_ += bytes;
      owner_.on_write();
    }
    void finish() override { owner_.finished_[name_] = bytes_; }

   private:
    Artifacts& owner_;
    std::string name_;
    std::string bytes_;
  };

  class Source : public ByteSource {
   public:
    Source(Artifacts& owner, std::string_view bytes) : owner_(owner), left_(bytes) {}
    std::size_t read(std::span<char> into) override {
      owner_.on_read();
      const std::size_t size = left_.copy(into.data(), std::min(into.size(), owner_.piece));
      left_.remove_prefix(size);
      return size;
    }

   private:
    Artifacts& owner_;
    std::string_view left_;
  };

  std::map<std::string, std::string> finished_;
};

// ---- calls --------------------------------------------------------------------------------------

inline backup::Content dump(Options options, Artifacts& artifacts) {
  const Cancel cancel;
  return open_component(std::move(options), cancel)->dump(artifacts);
}

inline Artifacts dump_of(const std::vector<std::string>& paths, const fs::path& root = "/") {
  Artifacts artifacts;
  dump({paths, root}, artifacts);
  return artifacts;
}

inline backup::Content restore(Artifacts& artifacts, const fs::path& root = "/") {
  const Cancel cancel;
  return open_component({{}, root}, cancel)->restore(artifacts);
}

inline backup::Content check(Artifacts& artifacts) {
  const Cancel cancel;
  return open_component({}, cancel)->check(artifacts);
}

// ---- trees --------------------------------------------------------------------------------------

inline void set_time(const fs::path& path, std::time_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

inline std::string state_of(const fs::path& path) {
  struct stat state {};
  REQUIRE(::lstat(path.c_str(), &state) == 0);
  std::string text = std::to_string(state.st_mode) + ' ' + std::to_string(state.st_uid) + ':' +
                     std::to_string(state.st_gid) + ' ' + std::to_string(state.st_mtim.tv_sec);
  if (S_ISREG(state.st_mode)) text += ' ' + std::to_string(state.st_nlink) + content_of(path);
  if (S_ISLNK(state.st_mode)) text += " -> " + fs::read_symlink(path).string();
  return text;
}

/// All that lies in a folder and the folder itself, with all that a backup keeps of it.
inline std::map<std::string, std::string> tree_of(const fs::path& folder) {
  std::map<std::string, std::string> tree{{".", state_of(folder)}};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    tree[entry.path().lexically_relative(folder).string()] = state_of(entry.path());
  }
  return tree;
}

using Tree = std::map<std::string, std::string>;

/// The names of what isn't the same in both.
inline std::set<std::string> differences(const Tree& a, const Tree& b) {
  std::set<std::string> names;
  for (const auto& [name, state] : a) {
    if (!b.contains(name) || b.at(name) != state) names.insert(name);
  }
  for (const auto& [name, state] : b) {
    if (!a.contains(name)) names.insert(name);
  }
  return names;
}

inline const std::set<std::string> kNone;

inline const std::string kLongPath =
    std::string(100, 'l') + '/' + std::string(99, 'o') + '/' + std::string(99, 'n') + "/file";

inline std::string many_bytes() {
  std::string bytes(20'000'000, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

inline void age_all(const fs::path& folder) {
  std::vector<fs::path> all{folder};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) all.push_back(entry.path());
  std::sort(all.begin(), all.end(), std::greater<>());
  std::time_t time = 1'500'000'000;
  for (const fs::path& path : all) set_time(path, time += 1000);
}

/// One of everything, below `<folder>/data`.
inline fs::path fill(const Folder& folder) {
  folder.write("data/plain", "some text");
  folder.write("data/empty", "");
  folder.write("data/with blanks  in it", "blank");
  folder.write("data/with\nnewline", "newline");
  folder.write("data/\xC3\xA4", "umlaut");
  folder.write("data/a\xCC\x88", "umlaut of two parts");
  folder.write("data/\xFF not utf-8", "bytes");
  folder.write("data/" + kLongPath, "far down");
  folder.write("data/[x]*", "not a pattern");
  folder.write("data/secret", "secret");
  folder.write("data/closed/inside", "inside");
  folder.write("data/large", many_bytes());
  const fs::path data = folder / "data";
  fs::create_directory(data / "nothing in it");
  fs::create_symlink("plain", data / "link");
  fs::create_symlink("no/such\xC3\xA4", data / "broken link");
  fs::create_symlink("closed", data / "link to a folder");
  fs::create_hard_link(data / "plain", data / "second name");
  fs::create_hard_link(data / "plain", data / "\xC3\xA4 third name");
  ::chmod((data / "secret").c_str(), 0400);
  ::chmod((data / "plain").c_str(), 04751);
  ::chmod((data / "nothing in it").c_str(), 01777);
  age_all(data);
  // Who isn't root could not remove it.
  ::chmod((data / "closed").c_str(), ::geteuid() == 0 ? 0500 : 0710);
  return data;
}

inline std::size_t count_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::recursive_directory_iterator(folder), fs::recursive_directory_iterator()));
}

/// Gives up the rights of root, where it has them, so that modes bind it.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(65534) == 0);
  }
  ~AsNobody() {
    if (was_root_) ::seteuid(0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool was_root_;
};

}  // namespace prism::files
