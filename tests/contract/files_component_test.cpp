#include <set>

#include <doctest/doctest.h>

#include <prism/base/files.hpp>
#include <prism/drivers/drivers.hpp>

#include "contract/component.hpp"
#include "support/quiet.hpp"
#include "support/temporary.hpp"

namespace prism {
namespace {

namespace fs = std::filesystem;

/// A folder and a file beside it. A restore leaves what is newer: change() adds nothing.
class FilesTarget : public contract::ComponentFixture {
 public:
  FilesTarget() {
    fs::create_directories(folder_ / "seed/deep/empty");
    folder_.write("seed/a b.csv", "one\n");
    folder_.write("seed/deep/large", std::string(300'000, 'x'));
    folder_.write("compose.yml", "services:\n");
    fs::create_symlink("a b.csv", folder_ / "seed/link");
    fs::create_hard_link(folder_ / "seed/deep/large", folder_ / "seed/same");
    fs::permissions(folder_ / "compose.yml", fs::perms::owner_read);
  }

  std::unique_ptr<backup::Component> open() override {
    return drivers::open_component({"files", "files", "", "", "", paths()}, {}, quiet_.log(),
                                   quiet_.cancel());
  }

  std::string state() override {
    std::string state;
    for (const std::string& path : paths()) {
      if (!fs::exists(path)) continue;
      state += state_of(path);
      if (!fs::is_directory(path)) continue;
      std::set<fs::path> below;
      for (const auto& entry : fs::recursive_directory_iterator(path)) below.insert(entry.path());
      for (const fs::path& one : below) state += state_of(one);
    }
    return state;
  }

  void change() override {
    folder_.write("seed/a b.csv", "two\n");
    fs::remove_all(folder_ / "seed/deep");
    fs::remove(folder_ / "compose.yml");
  }

  void remove() override {
    for (const std::string& path : paths()) fs::remove_all(path);
  }

 private:
  std::vector<std::string> paths() const {
    return {(folder_ / "seed").string(), (folder_ / "compose.yml").string()};
  }

  static std::string state_of(const fs::path& path) {
    const auto status = fs::symlink_status(path);
    std::string state =
        path.string() + " " + std::to_string(static_cast<unsigned>(status.permissions())) + " ";
    if (fs::is_symlink(status)) return state + fs::read_symlink(path).string() + "\n";
    if (fs::is_directory(status)) return state + "folder\n";
    return state + read_file(path, 1'000'000) + "\n";
  }

  test::Folder folder_;
  test::Quiet quiet_;
};

void check(void (*check)(contract::ComponentFixture&)) {
  FilesTarget fixture;
  check(fixture);
}

}  // namespace

#define CASE(name, words) \
  TEST_CASE("contract: files target: " words) { check(contract::name); }
PRISM_COMPONENT_CONTRACT(CASE)
#undef CASE

}  // namespace prism
