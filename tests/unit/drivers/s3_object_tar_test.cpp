#include <filesystem>

#include <doctest/doctest.h>

#include <prism/drivers/s3/object_tar_reader.hpp>
#include <prism/drivers/s3/object_tar_writer.hpp>
#include <prism/drivers/s3/tar_names.hpp>

#include "support/memory_artifacts.hpp"
#include "support/process.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

namespace fs = std::filesystem;
using test::MemoryArtifacts;
using test::thrown_by;

struct Stored {
  TarObject object;
  std::string bytes;
};

const std::vector<Stored> kObjects{
    {{"plain", 5, {{{"content-type", "text/plain"}, {"x-amz-meta-a%b", "ä \xff"}}, "a=1&b=%20"}},
     "hello"},
    {{"../up", 1, {{{"x-amz-meta-empty", ""}}, ""}}, "x"},
    {{"new\nline", 0, {}}, ""},
    {{"large", 3'000'000, {}}, std::string(3'000'000, 'l')},
    {{"/root", 4, {}}, "root"},
    {{std::string(1024, 'k'), 2, {}}, "kk"},
};

std::string archive(const std::function<void(ObjectTarWriter&)>& fill) {
  MemoryArtifacts artifacts;
  const auto sink = artifacts.create("tar");
  ObjectTarWriter tar(*sink);
  fill(tar);
  tar.close();
  return artifacts.content.at("tar");
}

std::string archive_of(const std::vector<Stored>& objects) {
  return archive([&](ObjectTarWriter& tar) {
    for (const Stored& stored : objects) {
      const bool own = is_harmless(stored.object.key);
      tar.begin(stored.object, own ? stored.object.key : escaped_name(stored.object.key), {});
      tar.write(stored.bytes);
    }
  });
}

std::vector<Stored> read(const std::string& bytes) {
  MemoryArtifacts artifacts;
  artifacts.content["tar"] = bytes;
  const auto source = artifacts.open("tar");
  const Cancel cancel;
  ObjectTarReader tar(*source, cancel);
  std::vector<Stored> objects;
  while (auto object = tar.next()) {
    Stored stored{std::move(*object), ""};
    for (auto piece = tar.content(); !piece.empty(); piece = tar.content()) stored.bytes += piece;
    if (!tar.is_taken_back()) objects.push_back(std::move(stored));
  }
  return objects;
}

std::string keys_of(const std::vector<Stored>& objects) {
  std::string keys;
  for (const Stored& stored : objects) keys += stored.object.key + " ";
  return keys;
}

test::Thrown refusal_of(const TarObject& object, const std::string& name) {
  return thrown_by(
      [&] { read(archive([&](ObjectTarWriter& tar) { tar.begin(object, name, {}); })); });
}

}  // namespace

TEST_CASE("S3: an archive gives keys, metadata and tags back byte by byte") {
  const auto found = read(archive_of(kObjects));
  REQUIRE(found.size() == kObjects.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK((found[i].object.key == kObjects[i].object.key));
    CHECK((found[i].bytes == kObjects[i].bytes));
    CHECK(found[i].object.size == kObjects[i].object.size);
    CHECK((found[i].object.attributes == kObjects[i].object.attributes));
  }
  CHECK(read(archive_of({})).empty());
}

TEST_CASE("S3: tar unpacks an archive below its folder, and nothing elsewhere") {
  const test::Folder folder;
  folder.write("objects.tar", archive_of(kObjects));
  fs::create_directories(folder / "deep/in");
  test::Launch launch;
  launch.program = "/bin/tar";
  launch.arguments = {"-xf", "../../objects.tar"};
  launch.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
  launch.folder = folder / "deep/in";
  const auto ended = run(launch);
  CAPTURE(ended.err);
  CHECK(ended.code == 0);
  CHECK(ended.err.find("LIBARCHIVE") == std::string::npos);
  CHECK(test::content_of(folder / "deep/in/plain") == "hello");
  CHECK(test::content_of(folder / "deep/in/.s3-keys/=..%2Fup") == "x");
  CHECK(test::content_of(folder / "deep/in/.s3-keys/=%2Froot") == "root");
  CHECK(fs::file_size(folder / "deep/in/large") == 3'000'000);
  std::size_t elsewhere = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    const auto inside = entry.path().string().find("/deep/in/") != std::string::npos;
    if (entry.is_regular_file() && !inside) ++elsewhere;
  }
  CHECK(elsewhere == 1);  // the archive itself
}

TEST_CASE("S3: what an archive takes back is not in it") {
  const auto bytes = archive([](ObjectTarWriter& tar) {
    tar.begin({"first", 1, {}}, "first", {});
    tar.write("1");
    tar.begin({"changes", 100'000, {}}, "changes", {});
    tar.write("a part of it");
    tar.take_back("changes", "changes", {});
    tar.begin({"changes", 3, {}}, "changes", {});
    tar.write("new");
    tar.begin({"goes", 100'000, {}}, "goes", {});
    tar.take_back("goes", "goes", {});
  });
  const auto found = read(bytes);
  CHECK(keys_of(found) == "first changes ");
  CHECK(found.at(1).bytes == "new");
}

TEST_CASE("S3: an archive that leads astray is refused") {
  CHECK(refusal_of({"a", 0, {}}, "../a").says("is no name for the key"));
  CHECK(refusal_of({"../a", 0, {}}, "../a").says("is no name for the key"));
  CHECK(refusal_of({"a", 0, {}}, "b").code == ErrorCode::bad_data);
  CHECK(refusal_of({std::string(1025, 'k'), 0, {}}, escaped_name(std::string(1025, 'k')))
            .says("more than 1,024 bytes"));
  CHECK(refusal_of({".prismctl-restore", 0, {}}, ".prismctl-restore").says("no object"));
  CHECK(refusal_of({"a", 0, {{{"x-amz-acl", "public-read"}}, ""}}, "a").says("unknown attribute"));
  CHECK(refusal_of({"a", 0, {{{"expires", "now\r\nx-amz-acl: public-read"}}, ""}}, "a")
            .says("which is no header"));
  CHECK(refusal_of({"a", 0, {{}, "a=1&"}}, "a").says("tags of another form"));
  CHECK(refusal_of({"a", 0, {{}, "b=1&a=1"}}, "a").says("tags of another form"));
  const auto alone = archive([](ObjectTarWriter& tar) { tar.take_back("a", "a", {}); });
  CHECK(thrown_by([&] { read(alone); }).says("takes back what is not there"));
  const auto other = archive([](ObjectTarWriter& tar) {
    tar.begin({"a", 0, {}}, "a", {});
    tar.take_back("b", "b", {});
  });
  CHECK(thrown_by([&] { read(other); }).says("takes back another object"));
}

TEST_CASE("S3: an archive that was cut off anywhere is refused") {
  const std::string whole = archive_of({kObjects[0], kObjects[1], kObjects[2]});
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    CAPTURE(size);
    CHECK(thrown_by([&] { read(whole.substr(0, size)); }).code == ErrorCode::bad_data);
  }
}

}  // namespace prism::s3
