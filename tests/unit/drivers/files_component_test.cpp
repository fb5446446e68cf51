#include <sys/socket.h>
#include <sys/un.h>

#include "support/process.hpp"
#include "support/thrown.hpp"
#include "unit/drivers/files_support.hpp"

namespace prism::files {
namespace {

using backup::Counts;
using test::thrown_by;

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

}  // namespace prism::files
