// Files: archives that are damaged or hostile, and restores that do not come to their end.
#include <csignal>

#include <archive.h>
#include <archive_entry.h>

#include "support/thrown.hpp"
#include "unit/drivers/files_support.hpp"

namespace prism::files {
namespace {

using test::thrown_by;

test::Thrown refusal_of(const std::string& tar) {
  Artifacts artifacts(tar);
  return thrown_by([&] { check(artifacts); });
}

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

}  // namespace

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
