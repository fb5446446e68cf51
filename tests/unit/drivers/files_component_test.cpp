#include <algorithm>
#include <csignal>
#include <functional>
#include <map>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <prism/drivers/files/component.hpp>

#include "support/process.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::files {
namespace {

namespace fs = std::filesystem;
using backup::Counts;
using test::content_of;
using test::Folder;
using test::thrown_by;

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

backup::Content dump(Options options, Artifacts& artifacts) {
  const Cancel cancel;
  return open_component(std::move(options), cancel)->dump(artifacts);
}

Artifacts dump_of(const std::vector<std::string>& paths, const fs::path& root = "/") {
  Artifacts artifacts;
  dump({paths, root}, artifacts);
  return artifacts;
}

backup::Content restore(Artifacts& artifacts, const fs::path& root = "/") {
  const Cancel cancel;
  return open_component({{}, root}, cancel)->restore(artifacts);
}

backup::Content check(Artifacts& artifacts) {
  const Cancel cancel;
  return open_component({}, cancel)->check(artifacts);
}

test::Thrown refusal_of(const std::string& tar) {
  Artifacts artifacts(tar);
  return thrown_by([&] { check(artifacts); });
}

// ---- trees --------------------------------------------------------------------------------------

void set_time(const fs::path& path, std::time_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

std::string state_of(const fs::path& path) {
  struct stat state {};
  REQUIRE(::lstat(path.c_str(), &state) == 0);
  std::string text = std::to_string(state.st_mode) + ' ' + std::to_string(state.st_uid) + ':' +
                     std::to_string(state.st_gid) + ' ' + std::to_string(state.st_mtim.tv_sec);
  if (S_ISREG(state.st_mode)) text += ' ' + std::to_string(state.st_nlink) + content_of(path);
  if (S_ISLNK(state.st_mode)) text += " -> " + fs::read_symlink(path).string();
  return text;
}

/// All that lies in a folder and the folder itself, with all that a backup keeps of it.
std::map<std::string, std::string> tree_of(const fs::path& folder) {
  std::map<std::string, std::string> tree{{".", state_of(folder)}};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    tree[entry.path().lexically_relative(folder).string()] = state_of(entry.path());
  }
  return tree;
}

using Tree = std::map<std::string, std::string>;

/// The names of what isn't the same in both.
std::set<std::string> differences(const Tree& a, const Tree& b) {
  std::set<std::string> names;
  for (const auto& [name, state] : a) {
    if (!b.contains(name) || b.at(name) != state) names.insert(name);
  }
  for (const auto& [name, state] : b) {
    if (!a.contains(name)) names.insert(name);
  }
  return names;
}

const std::set<std::string> kNone;

const std::string kLongPath =
    std::string(100, 'l') + '/' + std::string(99, 'o') + '/' + std::string(99, 'n') + "/file";

std::string many_bytes() {
  std::string bytes(20'000'000, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

void age_all(const fs::path& folder) {
  std::vector<fs::path> all{folder};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) all.push_back(entry.path());
  std::sort(all.begin(), all.end(), std::greater<>());
  std::time_t time = 1'500'000'000;
  for (const fs::path& path : all) set_time(path, time += 1000);
}

/// One of everything, below `<folder>/data`.
fs::path fill(const Folder& folder) {
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

std::size_t count_in(const fs::path& folder) {
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

// ---- archives -----------------------------------------------------------------------------------

struct Member {
  std::string name;
  unsigned int type = AE_IFREG;
  std::string text = {};       ///< content, or the target of a symbolic link
  std::string hard_link = {};  ///< its target
  la_int64_t owner = ::getuid();
};

ssize_t append(archive*, void* out, const void* data, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
  return static_cast<ssize_t>(size);
}

void write_member(archive* tar, const Member& member) {
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_pathname(entry, member.name.c_str());
  archive_entry_set_mode(entry, member.type | 0755);
  archive_entry_set_uid(entry, member.owner);
  archive_entry_set_gid(entry, ::getgid());
  archive_entry_set_mtime(entry, 1'500'000'000, 0);
  const bool has_content = member.type == AE_IFREG && member.hard_link.empty();
  archive_entry_set_size(entry, has_content ? static_cast<la_int64_t>(member.text.size()) : 0);
  if (member.type == AE_IFLNK) archive_entry_set_symlink(entry, member.text.c_str());
  if (!member.hard_link.empty()) archive_entry_set_hardlink(entry, member.hard_link.c_str());
  REQUIRE(archive_write_header(tar, entry) >= ARCHIVE_WARN);
  if (has_content) archive_write_data(tar, member.text.data(), member.text.size());
  archive_entry_free(entry);
}

/// An archive such as no dump makes.
std::string archive_of(const std::vector<Member>& members) {
  std::string bytes;
  archive* const tar = archive_write_new();
  archive_write_set_format_pax_restricted(tar);
  archive_write_set_bytes_in_last_block(tar, 1);
  REQUIRE(archive_write_open(tar, &bytes, nullptr, append, nullptr) == ARCHIVE_OK);
  for (const Member& member : members) write_member(tar, member);
  archive_write_free(tar);
  return bytes;
}

/// What a restore of such an archive into `<folder>/root` ends in; nothing outside may change.
test::Thrown refused_restore(const Folder& folder, const std::vector<Member>& members) {
  Artifacts artifacts(archive_of(members));
  fs::create_directories(folder / "root");
  folder.write("outside/file", "outside");
  age_all(folder / "outside");
  const Tree outside = tree_of(folder / "outside");
  const auto thrown = thrown_by([&] { restore(artifacts, folder / "root"); });
  CHECK(differences(outside, tree_of(folder / "outside")) == kNone);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 2);
  return thrown;
}

test::Ended run_tar(std::vector<std::string> arguments, const fs::path& in, const char* locale) {
  test::Launch launch;
  launch.program = "/bin/tar";
  launch.arguments = std::move(arguments);
  launch.environment = {{"LC_ALL", locale}};
  launch.folder = in;
  return test::run(launch);
}

}  // namespace

// ---- there and back -----------------------------------------------------------------------------

TEST_CASE("files: what was dumped is there again after a restore, whatever became of it") {
  const Folder folder;
  const fs::path data = fill(folder);
  const Tree before = tree_of(data);
  Artifacts artifacts;
  const auto dumped = dump({{data.string()}}, artifacts);
  CHECK(dumped.version.starts_with("libarchive 3."));
  const Counts expected{{"files", 12}, {"folders", 6}, {"links", 5}, {"bytes", 20'000'084}};
  CHECK(dumped.counts == expected);
  CHECK(dumped.remarks.empty());

  SUBCASE("all is gone") { fs::remove_all(data); }
  SUBCASE("nothing has changed") {}
  SUBCASE("it is wrecked") {
    fs::remove_all(data / std::string(100, 'l'));
    fs::remove(data / "link");
    folder.write("data/link", "no link any more");
    folder.write("data/empty", "not empty any more");
    fs::remove(data / "nothing in it");
    folder.write("data/nothing in it", "no folder any more");
    fs::remove(data / "plain");
    fs::create_symlink("secret", data / "plain");
    fs::remove(data / "large");
    fs::create_directory(data / "large");
    fs::remove(data / "second name");
    folder.write("data/closed/inside", "wrecked");
    ::chmod((data / "closed").c_str(), 0755);
    folder.write("data/.prismctl-restore.tmp", "of a killed restore");
  }
  const auto restored = restore(artifacts);
  CHECK(restored.counts == dumped.counts);
  CHECK(differences(before, tree_of(data)) == kNone);
}

TEST_CASE("files: a dump of the same is the same") {
  const Folder folder;
  const fs::path data = fill(folder);
  const Artifacts first = dump_of({data.string()});
  CHECK((first.tar() == dump_of({data.string()}).tar()));
}

TEST_CASE("files: check counts what the dump did and knows no version") {
  const Folder folder;
  Artifacts artifacts;
  const auto dumped = dump({{fill(folder).string()}}, artifacts);
  for (const std::size_t piece : {511U, 100'000U}) {
    artifacts.piece = piece;
    const auto checked = check(artifacts);
    CHECK(checked.counts == dumped.counts);
    CHECK(checked.version.empty());
  }
}

TEST_CASE("files: GNU tar restores the same") {
  const Folder folder;
  const fs::path data = fill(folder);
  const fs::path tar = folder.write("data.tar", dump_of({"/data"}, folder.path()).tar());
  const auto listed = run_tar({"-t", "-f", tar.string()}, folder.path(), "C.UTF-8");
  CHECK(listed.code == 0);
  CHECK(listed.out.find("\ndata/plain\n") != std::string::npos);
  CHECK(listed.out.find("\ndata/\xC3\xA4\n") != std::string::npos);
  CHECK(listed.out.find("\ndata/with\\nnewline\n") != std::string::npos);
  CHECK(listed.out.find("\ndata/" + kLongPath + "\n") != std::string::npos);
  fs::create_directory(folder / "out");
  const auto extracted = run_tar({"-x", "-p", "-f", tar.string()}, folder / "out", "C");
  CHECK(extracted.code == 0);
  CHECK(differences(tree_of(data), tree_of(folder / "out/data")) == kNone);
}

TEST_CASE("files: a restore makes another root and leaves the first one alone") {
  const Folder folder;
  const fs::path data = fill(folder);
  Artifacts artifacts = dump_of({data.string()});
  fs::rename(data, folder / "moved");
  restore(artifacts, folder / "new/root");
  CHECK_FALSE(fs::exists(data));
  const fs::path there = (folder / "new/root").string() + data.string();
  CHECK(differences(tree_of(folder / "moved"), tree_of(there)) == kNone);
}

TEST_CASE("files: what is there and not in the archive stays") {
  const Folder folder;
  const auto file = folder.write("data/file", "old");
  Artifacts artifacts = dump_of({(folder / "data").string()});
  folder.write("data/file", "new");
  folder.write("data/other", "other");
  restore(artifacts);
  CHECK(content_of(file) == "old");
  CHECK(content_of(folder / "data/other") == "other");
}

TEST_CASE("files: owners are kept, by their numbers where they have no names") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can give files away");
    return;
  }
  const Folder folder;
  const auto file = folder.write("data/file", "text");
  REQUIRE(::chown(file.c_str(), 54321, 3'000'000'000U) == 0);
  REQUIRE(::chmod(file.c_str(), 06755) == 0);
  fs::create_symlink("file", folder / "data/link");
  REQUIRE(::lchown((folder / "data/link").c_str(), 1, 2) == 0);
  REQUIRE(::chown((folder / "data").c_str(), 65534, 65534) == 0);
  age_all(folder / "data");
  const Tree before = tree_of(folder / "data");
  Artifacts artifacts = dump_of({(folder / "data").string()});
  fs::remove_all(folder / "data");
  restore(artifacts);
  CHECK(differences(before, tree_of(folder / "data")) == kNone);
}

TEST_CASE("files: who isn't root restores what is his, into folders that he closed, too") {
  const Folder folder;
  ::chmod(folder.path().c_str(), 0777);
  const AsNobody nobody;
  folder.write("data/closed/file", "old");
  ::chmod((folder / "data/closed").c_str(), 0500);
  age_all(folder / "data");
  const Tree before = tree_of(folder / "data");
  Artifacts artifacts = dump_of({(folder / "data").string()});
  for (int i = 0; i < 2; ++i) {
    restore(artifacts);
    CHECK(differences(before, tree_of(folder / "data")) == kNone);
  }
  ::chmod((folder / "data/closed").c_str(), 0700);
}

// ---- paths --------------------------------------------------------------------------------------

TEST_CASE("files: paths are files, folders and patterns; nothing is dumped twice") {
  const Folder folder;
  folder.write("a/1.conf", "12");
  folder.write("a/2.conf", "34");
  folder.write("a/3.txt", "56");
  folder.write("a/b[1]/c", "78");
  folder.write("a/b1/d", "90");
  const std::string a = (folder / "a").string();
  const auto files_of = [](const std::vector<std::string>& paths) {
    Artifacts artifacts;
    return dump({paths}, artifacts).counts["files"];
  };
  CHECK(files_of({a + "/1.conf"}) == 1);
  CHECK(files_of({a + "/*.conf"}) == 2);
  CHECK(files_of({a + "/[12].*", a + "/*.txt"}) == 3);
  CHECK(files_of({a + "/*.conf", a, a + "/", a + "/b1/../1.conf"}) == 5);
  CHECK(files_of({a + "/b[1]"}) == 1);  // the folder of that very name
  CHECK(files_of({a + "/b[1]*"}) == 1);
  CHECK(files_of({a + "/*/d"}) == 1);
}

TEST_CASE("files: names in the archive are absolute ones without their slash, links resolved") {
  const Folder folder;
  folder.write("real/file", "text");
  fs::create_symlink("real", folder / "link");
  const auto listing_of = [](const std::string& path) {
    const Artifacts artifacts = dump_of({path});
    return artifacts.tar().substr(0, artifacts.tar().find('\0'));
  };
  const std::string base = folder.path().string().substr(1);
  CHECK(listing_of((folder / "real/file").string()) == base + "/real/file");
  CHECK(listing_of((folder / "link/file").string()) == base + "/real/file");
  CHECK(listing_of((folder / "link").string()) == base + "/link");
  CHECK(listing_of((folder / "link/").string()) == base + "/real/");
  CHECK(listing_of(fs::relative(folder / "real/file").string()) == base + "/real/file");
}

TEST_CASE("files: a path that matches nothing is named") {
  const Folder folder;
  folder.write("there", "");
  for (const char* const name : {"missing", "missing/*", "*.conf", "there/below"}) {
    const std::string path = (folder / name).string();
    Artifacts artifacts;
    const auto thrown = thrown_by([&] { dump({{(folder / "there").string(), path}}, artifacts); });
    CHECK(thrown.code == ErrorCode::input_missing);
    CHECK(thrown.says(path));
    CHECK(artifacts.names().empty());
  }
  Artifacts artifacts;
  CHECK(thrown_by([&] { dump({}, artifacts); }).code == ErrorCode::configuration);
}

TEST_CASE("files: what is present is counted as a dump would; nothing is nothing") {
  const Folder folder;
  const fs::path data = fill(folder);
  const Cancel cancel;
  const auto present = [&](const std::vector<std::string>& paths, const fs::path& root = "/") {
    return open_component({paths, root}, cancel)->present(prism::backup::Look::counted);
  };
  Artifacts artifacts;
  const auto dumped = dump({{data.string()}}, artifacts);
  CHECK(present({data.string(), (folder / "missing").string()})->counts == dumped.counts);
  CHECK(present({"/data"}, folder.path())->counts == dumped.counts);
  CHECK_FALSE(present({(folder / "missing").string(), (folder / "*.no").string()}).has_value());
  CHECK_FALSE(present({data.string()}, folder / "no root").has_value());
  CHECK(present({}, folder.path())->counts == dumped.counts);  // all that is there
}

TEST_CASE("files: a path that a link leads out of the root is refused") {
  const Folder folder;
  folder.write("outside/file", "");
  fs::create_directory(folder / "root");
  fs::create_symlink(folder / "outside", folder / "root/link");
  Artifacts artifacts;
  const auto thrown = thrown_by([&] { dump({{"/link/file"}, folder / "root"}, artifacts); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("which is not below"));
}

TEST_CASE("files: location says what and where") {
  const Cancel cancel;
  CHECK(open_component({{"/a", "b/*"}}, cancel)->location() == "/a, b/*");
  CHECK(open_component({{"/a"}, "/mnt"}, cancel)->location() == "/a below /mnt");
}

// ---- reading ------------------------------------------------------------------------------------

TEST_CASE("files: sockets and pipes are left out and counted") {
  const Folder folder;
  const auto file = folder.write("data/file", "text");
  REQUIRE(::mkfifo((folder / "data/pipe").c_str(), 0600) == 0);
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "data/socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  Artifacts artifacts;
  const auto dumped = dump({{(folder / "data").string()}}, artifacts);
  const Counts expected{{"files", 1}, {"folders", 1}, {"links", 0}, {"bytes", 4}};
  CHECK(dumped.counts == expected);
  const std::vector<std::string> remarks{"left out, for they are no files: 2"};
  CHECK(dumped.remarks == remarks);
  const auto checked = check(artifacts);
  CHECK(checked.counts == expected);
  CHECK(checked.remarks.empty());
}

TEST_CASE("files: a file that may not be read is named") {
  const Folder folder;
  ::chmod(folder.path().c_str(), 0755);
  const auto file = folder.write("data/secret", "text");
  fs::create_directory(folder / "data/closed");
  SUBCASE("a file") { ::chmod(file.c_str(), 0); }
  SUBCASE("a folder") { ::chmod((folder / "data/closed").c_str(), 0); }
  Artifacts artifacts;
  const auto thrown = thrown_by([&] {
    const AsNobody nobody;
    dump({{(folder / "data").string()}}, artifacts);
  });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.says((folder / "data").string() + "/"));
  CHECK(artifacts.names().empty());
  ::chmod((folder / "data/closed").c_str(), 0700);
}

TEST_CASE("files: a file that changes while it is read is cut or filled up, and counted") {
  const Folder folder;
  const std::string content = many_bytes();
  const auto file = folder.write("data/file", content);
  folder.write("data/next", "next");
  Artifacts artifacts;
  std::string expected = content;
  SUBCASE("it grows") {
    artifacts.on_write = [&] { std::ofstream(file, std::ios::app) << "more"; };
  }
  SUBCASE("it shrinks") {
    artifacts.on_write = [&] { fs::resize_file(file, 5'000'000); };
    expected.replace(5'000'000, std::string::npos, std::string(15'000'000, '\0'));
  }
  const auto dumped = dump({{(folder / "data").string()}}, artifacts);
  const std::vector<std::string> remarks{"changed while they were read: 1"};
  CHECK(dumped.remarks == remarks);
  CHECK(dumped.counts.at("bytes") == 20'000'004);
  artifacts.on_write = [] {};
  restore(artifacts, folder / "root");
  const std::string there = (folder / "root").string() + folder.path().string();
  CHECK((content_of(there + "/data/file") == expected));
  CHECK(content_of(there + "/data/next") == "next");
}

TEST_CASE("files: what vanishes or turns into a link before it is read is passed over") {
  const Folder folder;
  folder.write("data/1", many_bytes());
  const auto file = folder.write("data/2", "text");
  folder.write("outside", "outside");
  Artifacts artifacts;
  bool replaces = false;
  SUBCASE("vanishes") {}
  SUBCASE("is replaced") { replaces = true; }
  artifacts.on_write = [&] {
    fs::remove(file);
    if (replaces) fs::create_symlink(folder / "outside", file);
  };
  const auto dumped = dump({{(folder / "data").string()}}, artifacts);
  CHECK(dumped.counts.at("files") == 1);
  CHECK(dumped.counts.at("links") == (replaces ? 1 : 0));
}

// ---- damage -------------------------------------------------------------------------------------

TEST_CASE("files: an archive that is cut off anywhere is refused") {
  const Folder folder;
  folder.write("data/1", "text");
  folder.write("data/2", many_bytes().substr(0, 5000));
  folder.write("data/zeros", std::string(4096, '\0'));  // look like the end of an archive
  fs::create_symlink("1", folder / "data/link");
  const Artifacts artifacts = dump_of({(folder / "data").string()});
  const std::string& tar = artifacts.tar();
  CHECK(tar.size() % 512 == 0);
  for (std::size_t size = 0; size < tar.size(); size += 512) {
    CAPTURE(size);
    CHECK(refusal_of(tar.substr(0, size)).code == ErrorCode::bad_data);
    CHECK(refusal_of(tar.substr(0, size + 300)).code == ErrorCode::bad_data);
    Artifacts cut(tar.substr(0, size));
    CHECK(thrown_by([&] { restore(cut, folder / "root"); }).code == ErrorCode::bad_data);
  }
  CHECK(refusal_of(tar.substr(0, tar.size() - 1024)).says("two blocks of zeros"));
}

TEST_CASE("files: zeros may follow an archive, anything else may not") {
  const Folder folder;
  const auto file = folder.write("file", "text");
  const Artifacts artifacts = dump_of({file.string()});
  Artifacts padded(artifacts.tar() + std::string(200'000, '\0'));
  CHECK(check(padded).counts.at("files") == 1);
  CHECK(refusal_of(artifacts.tar() + std::string(200'000, '\0') + "x").says("something follows"));
  std::string lone = artifacts.tar();
  lone[lone.size() - 200] = 'x';
  CHECK(refusal_of(lone).code == ErrorCode::bad_data);
  CHECK(refusal_of(artifacts.tar() + artifacts.tar()).says("something follows"));
}

TEST_CASE("files: a changed byte in a header is found") {
  const Folder folder;
  folder.write("data/1", "text");
  const Artifacts artifacts = dump_of({(folder / "data").string()});
  for (const std::size_t header : {0U, 512U}) {
    for (std::size_t i = 0; i < 512; ++i) {
      std::string tar = artifacts.tar();
      tar[header + i] = static_cast<char>(~tar[header + i]);
      CAPTURE(header + i);
      CHECK(refusal_of(tar).code == ErrorCode::bad_data);
    }
  }
}

TEST_CASE("files: an archive that no dump made is refused") {
  CHECK(refusal_of(archive_of({{"a", AE_IFIFO}})).says("neither a file nor a folder"));
  CHECK(refusal_of(archive_of({{"a", AE_IFCHR}})).says("neither a file nor a folder"));
  CHECK(refusal_of(archive_of({{"."}})).says("names nothing"));
  CHECK(refusal_of(archive_of({{"a/.prismctl-restore.tmp"}})).says("only a restore makes"));
  CHECK(refusal_of(archive_of({{"a", AE_IFREG, "", "", 0xFFFFFFFF}})).says("no user or group"));
  CHECK(refusal_of("no archive").code == ErrorCode::bad_data);
  const Cancel cancel;
  Artifacts none;
  CHECK(thrown_by([&] { check(none); }).code == ErrorCode::bad_data);
}

// ---- ways out of the root -----------------------------------------------------------------------

TEST_CASE("files: names that lead out of the root are refused") {
  const Folder folder;
  const std::string outside = (folder / "outside/new").string();
  for (const std::string& name : {std::string("../outside/new"), std::string("a/../../outside/new"),
                                  std::string(".."), outside, "/" + outside}) {
    CAPTURE(name);
    CHECK(refusal_of(archive_of({{name}})).code == ErrorCode::bad_data);
    CHECK(refused_restore(folder, {{name}}).code == ErrorCode::bad_data);
    CHECK(refused_restore(folder, {{"a", AE_IFREG, "", name}}).code == ErrorCode::bad_data);
    CHECK(refused_restore(folder, {{name, AE_IFDIR}}).code == ErrorCode::bad_data);
    CHECK(refused_restore(folder, {{name, AE_IFLNK, "x"}}).code == ErrorCode::bad_data);
  }
}

TEST_CASE("files: nothing is written through a link that the archive has made") {
  const Folder folder;
  const std::string outside = (folder / "outside").string();
  for (const std::string& target :
       {std::string("../outside"), outside, std::string("."), folder.path().string()}) {
    const Member link{"link", AE_IFLNK, target};
    for (const std::vector<Member>& members :
         {std::vector<Member>{link, {"link/file", AE_IFREG, "x"}},
          {link, {"link/deep/file", AE_IFREG, "x"}},
          {link, {"link", AE_IFDIR}, {"link/file", AE_IFREG, "x"}},
          {link, {"link/other", AE_IFLNK, "x"}},
          {link, {"link/folder", AE_IFDIR}},
          {link, {"mine", AE_IFREG, "", "link/file"}},
          {{"link", AE_IFDIR}, {"link/x"}, {"link2", AE_IFLNK, target}, {"link2/file"}}}) {
      CHECK(refusal_of(archive_of(members)).code == ErrorCode::bad_data);
      const auto thrown = refused_restore(folder, members);
      CHECK(thrown.code == ErrorCode::refused);
      CHECK(thrown.says((folder / "root/link").string()));
      fs::remove_all(folder / "root");
    }
  }
}

TEST_CASE("files: nothing is written through a link that was there") {
  const Folder folder;
  fs::create_directory(folder / "root");
  fs::create_symlink("../outside", folder / "root/link");
  const auto thrown = refused_restore(folder, {{"link/file", AE_IFREG, "x"}});
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says((folder / "root/link").string()));
  CHECK(refused_restore(folder, {{"link", AE_IFDIR}}).code == ErrorCode::refused);
}

TEST_CASE("files: a link in the place of a file is replaced, not followed") {
  const Folder folder;
  const auto outside = folder.write("outside", "outside");
  const auto file = folder.write("data/file", "text");
  Artifacts artifacts = dump_of({file.string()});
  fs::remove(file);
  fs::create_symlink(outside, file);
  restore(artifacts);
  CHECK_FALSE(fs::is_symlink(file));
  CHECK(content_of(file) == "text");
  CHECK(content_of(outside) == "outside");
}

TEST_CASE("files: a hard link to what isn't there or is no file is refused") {
  const Folder folder;
  CHECK(refused_restore(folder, {{"a", AE_IFREG, "", "b"}}).says("which is no file"));
  CHECK(refused_restore(folder, {{"b", AE_IFDIR}, {"a", AE_IFREG, "", "b"}})
            .says("which is no file"));
  CHECK(
      refused_restore(folder, {{"b/c", AE_IFLNK, "../../outside/file"}, {"a", AE_IFREG, "", "b/c"}})
          .says("which is no file"));
}

TEST_CASE("files: a folder that isn't empty is not replaced by a file") {
  const Folder folder;
  const auto kept = folder.write("root/a/kept", "kept");
  const auto thrown = refused_restore(folder, {{"a", AE_IFREG, "text"}});
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("isn't empty"));
  CHECK(content_of(kept) == "kept");
  CHECK(count_in(folder / "root") == 2);
  CHECK(refused_restore(folder, {{"a/kept/below"}}).says("is not a folder"));
}

// ---- while it runs ------------------------------------------------------------------------------

TEST_CASE("files: a file that is replaced is seen whole at any time, the old one or the new one") {
  const Folder folder;
  const std::string content = many_bytes();
  const auto file = folder.write("data/file", content);
  Artifacts artifacts = dump_of({(folder / "data").string()});
  artifacts.piece = 1'000'000;
  folder.write("data/file", "the new one");
  const FileDescriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  int seen = 0;
  artifacts.on_read = [&] {
    ++seen;
    const std::string now = content_of(file);
    CHECK((now == "the new one" || now == content));
  };
  restore(artifacts);
  CHECK(seen > 20);
  CHECK((content_of(file) == content));
  char buffer[100];
  CHECK(::read(open.get(), buffer, sizeof buffer) == 11);
  CHECK(count_in(folder / "data") == 1);
}

TEST_CASE("files: once cancelled, a dump and a check end, and a restore leaves the old file") {
  const Folder folder;
  const auto file = folder.write("data/file", many_bytes());
  Artifacts artifacts = dump_of({(folder / "data").string()});
  folder.write("data/file", "the new one");
  Cancel cancel;
  const auto component = open_component({{(folder / "data").string()}}, cancel);
  int left = 100;
  artifacts.on_read = [&] {
    if (--left == 0) cancel.request(SIGINT);
  };
  SUBCASE("check") {
    CHECK(thrown_by([&] { component->check(artifacts); }).code == ErrorCode::interrupted);
  }
  SUBCASE("restore") {
    CHECK(thrown_by([&] { component->restore(artifacts); }).code == ErrorCode::interrupted);
  }
  SUBCASE("dump, present") {
    folder.write("data/file", many_bytes());
    artifacts.on_write = [&] { cancel.request(SIGTERM); };
    CHECK(thrown_by([&] { component->dump(artifacts); }).code == ErrorCode::terminated);
    CHECK(thrown_by([&] { component->present(prism::backup::Look::counted); }).code ==
          ErrorCode::terminated);
    folder.write("data/file", "the new one");
  }
  CHECK(content_of(file) == "the new one");
  CHECK(count_in(folder / "data") == 1);
}

TEST_CASE("files: what a sink or a source throws comes through") {
  const Folder folder;
  folder.write("data/file", many_bytes());
  Artifacts artifacts = dump_of({(folder / "data").string()});
  artifacts.on_write = [] { throw Error(ErrorCode::unavailable, "no more room"); };
  artifacts.on_read = [] { throw Error(ErrorCode::bad_data, "the stored bytes are damaged"); };
  const auto sink = thrown_by([&] { dump({{(folder / "data").string()}}, artifacts); });
  CHECK(sink.code == ErrorCode::unavailable);
  CHECK(sink.says("no more room"));
  CHECK(thrown_by([&] { check(artifacts); }).says("the stored bytes are damaged"));
  CHECK(thrown_by([&] { restore(artifacts, folder / "root"); }).says("stored bytes"));
}

TEST_CASE("files: a restore into a folder that can't be written to leaves the old file") {
  const Folder folder;
  ::chmod(folder.path().c_str(), 0777);
  const AsNobody nobody;
  const auto file = folder.write("data/file", "old");
  Artifacts artifacts = dump_of({file.string()});
  ::chmod((folder / "data").c_str(), 0500);  // the folder itself isn't in the archive
  const auto thrown = thrown_by([&] { restore(artifacts); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.says(file.string()));
  CHECK(content_of(file) == "old");
  ::chmod((folder / "data").c_str(), 0700);
}

}  // namespace prism::files
