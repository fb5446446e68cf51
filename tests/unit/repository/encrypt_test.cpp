#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/repository/encrypt.hpp>

#include "support/memory_repository.hpp"
#include "support/process.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::repository {
namespace {

using test::TextSink;
using test::TextSource;

/// An age identity in a file.
struct Key {
  explicit Key(const test::Folder& folder, const std::string& name) : file(folder / name) {
    test::Launch keygen;
    keygen.program = "/usr/bin/age-keygen";
    keygen.arguments = {"-o", file};
    const std::string said = test::run(keygen).err;
    recipient = said.substr(said.find("age1"), 62);
  }

  std::filesystem::path file;
  std::string recipient;
};

struct Scene {
  std::string encrypted(const std::string& text, const std::vector<std::string>& recipients) const {
    TextSink out;
    AgeSink sink(out, recipients, cancel);
    test::write_in_pieces(sink, text);
    sink.finish();
    CHECK(out.finished());
    return out.text();
  }
  std::string decrypted(const std::string& bytes, const std::filesystem::path& identity) const {
    TextSource in(bytes);
    AgeSource source(in, identity, cancel);
    return test::text_of(source);
  }

  test::Folder folder;
  Cancel cancel;
  Key first{folder, "first"}, second{folder, "second"}, stranger{folder, "stranger"};
};

}  // namespace

TEST_CASE("repository: what is encrypted is opened by each of its recipients and nobody else") {
  const Scene scene;
  const std::string text = std::string(1'000'000, 'x') + "end";
  const std::string bytes = scene.encrypted(text, {scene.first.recipient, scene.second.recipient});
  CHECK(bytes.starts_with("age-encryption.org/v1"));
  CHECK((scene.decrypted(bytes, scene.first.file) == text));
  CHECK((scene.decrypted(bytes, scene.second.file) == text));
  const auto refused = test::thrown_by([&] { scene.decrypted(bytes, scene.stranger.file); });
  CHECK(refused.code == ErrorCode::permission);
  CHECK(refused.says("no identity matched"));
  CHECK(scene.decrypted(scene.encrypted("", {scene.first.recipient}), scene.first.file) == "");
}

TEST_CASE("repository: what is damaged or cut is not decrypted") {
  const Scene scene;
  const std::string bytes = scene.encrypted(std::string(200'000, 'x'), {scene.first.recipient});
  for (const std::size_t at : {std::size_t{300}, bytes.size() / 2, bytes.size() - 1}) {
    CAPTURE(at);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(test::thrown_by([&] { scene.decrypted(changed, scene.first.file); }).code ==
          ErrorCode::bad_data);
    CHECK(test::thrown_by([&] { scene.decrypted(bytes.substr(0, at), scene.first.file); }).code ==
          ErrorCode::bad_data);
  }
}

TEST_CASE("repository: no recipient, no encryption; and a sink that fails ends it") {
  const Scene scene;
  TextSink out;
  const auto wrong = test::thrown_by([&] {
    AgeSink sink(out, {"age1nobody"}, scene.cancel);
    sink.write(std::string(1'000'000, 'x'));
    sink.finish();
  });
  CHECK(wrong.code == ErrorCode::configuration);
  CHECK(wrong.says("malformed recipient"));

  class FullDisk : public ByteSink {
   public:
    void write(std::string_view) override { throw Error(ErrorCode::io, "the disk is full"); }
    void finish() override {}
  } full;
  const auto failed = test::thrown_by([&] {
    AgeSink sink(full, {scene.first.recipient}, scene.cancel);
    for (int i = 0; i < 100; ++i) sink.write(std::string(1'000'000, 'x'));
    sink.finish();
  });
  CHECK(failed.says("the disk is full"));
}

TEST_CASE("repository: who stops in the midst of decrypting waits for nobody") {
  const Scene scene;
  const std::string bytes = scene.encrypted(std::string(5'000'000, 'x'), {scene.first.recipient});
  TextSource in(bytes);
  AgeSource source(in, scene.first.file, scene.cancel);
  std::string some(10, ' ');
  CHECK(source.read(some) > 0);
}

}  // namespace prism::repository
