// The input is a tar archive, which is checked, and restored beside what must not change.

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <sys/stat.h>

#include <prism/drivers/files/component.hpp>

#include "check.hpp"
#include "support/tar.hpp"
#include "support/temporary.hpp"
#include "support/text_stream.hpp"

namespace prism::files::fuzz {
namespace {

namespace fs = std::filesystem;
using sheet::fuzz::require_that;

class Archive : public backup::ArtifactReader {
 public:
  explicit Archive(std::string_view bytes) : bytes_(bytes) {}
  std::vector<std::string> names() const override { return {"tar"}; }
  std::unique_ptr<ByteSource> open(const std::string&) override {
    return std::make_unique<prism::test::TextSource>(bytes_, 777);
  }

 private:
  std::string_view bytes_;
};

/// What `action` ended in. An Error must have a message; anything else ends the process.
ErrorCode end_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& refusal) {
    require_that(*refusal.what() != '\0', "a refusal says nothing");
    return refusal.code();
  }
  return ErrorCode::done;
}

std::string state_of(const fs::path& path) {
  struct stat state {};
  require_that(::lstat(path.c_str(), &state) == 0, "what lay outside is gone");
  std::string text;
  for (const auto number : std::array<std::int64_t, 6>{
           state.st_mode, static_cast<std::int64_t>(state.st_nlink), state.st_uid, state.st_gid,
           state.st_mtim.tv_sec, state.st_mtim.tv_nsec}) {
    text += std::to_string(number) + ' ';
  }
  return S_ISREG(state.st_mode) ? text + test::content_of(path) : text;
}

/// All but the root.
std::map<std::string, std::string> outside_of(const test::Folder& folder) {
  std::map<std::string, std::string> states;
  for (auto at = fs::recursive_directory_iterator(folder.path()); at != fs::end(at); ++at) {
    if (at->path() == folder / "root") {
      at.disable_recursion_pending();
    } else {
      states[at->path().string()] = state_of(at->path());
    }
  }
  return states;
}

/// Ways out, to be found by the names that an archive is likely to have.
void make_root(const test::Folder& folder) {
  fs::create_directory(folder / "root");
  fs::create_symlink("../outside", folder / "root/out");
  fs::create_symlink(folder / "outside/file", folder / "root/file");
  folder.write("root/data/file", "inside");
}

/// Also of what a restore has left without its modes.
void remove_root(const test::Folder& folder) {
  const auto open_up = [](const fs::path& path) { ::chmod(path.c_str(), 0700); };
  open_up(folder / "root");
  for (const auto& entry : fs::recursive_directory_iterator(folder / "root")) {
    if (entry.is_directory() && !entry.is_symlink()) open_up(entry.path());
  }
  fs::remove_all(folder / "root");
}

void restore(std::string_view bytes, bool is_refused) {
  const test::Folder folder;
  folder.write("outside/file", "outside");
  make_root(folder);
  const auto before = outside_of(folder);
  const Cancel cancel;
  Archive archive(bytes);
  const ErrorCode end = end_of([&] {
    open_component({{}, folder / "root"}, cancel)->restore(archive);
  });
  require_that(before == outside_of(folder), "something outside of the root was changed");
  require_that(!is_refused || end != ErrorCode::done, "what a check refuses is restored");
  remove_root(folder);
}

void look_at(std::string_view bytes) {
  const Cancel cancel;
  Archive archive(bytes);
  const ErrorCode end = end_of([&] { open_component({}, cancel)->check(archive); });
  require_that(end == ErrorCode::done || end == ErrorCode::bad_data,
               "a check ends in another error than bad_data");
  restore(bytes, end != ErrorCode::done);
}

}  // namespace
}  // namespace prism::files::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::files::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  const std::string whole = prism::test::with_tar_checksums(bytes);
  look_at(bytes);
  if (whole != bytes) look_at(whole);
  return 0;
}
