#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/repository/encrypt.hpp>

#include "support/age_key.hpp"
#include "support/process.hpp"
#include "support/temporary.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::repository {
namespace {

using test::TextSink;
using test::TextSource;

/// An SSH key in a file, of the real tool.
struct SshKey {
  SshKey(const test::Folder& folder, const std::string& name,
         const std::vector<std::string>& options, const std::string& passphrase = "")
      : file(folder / name) {
    test::Launch keygen;
    keygen.program = "/usr/bin/ssh-keygen";
    keygen.arguments = {"-q", "-N", passphrase, "-C", "nora", "-f", file};
    keygen.arguments.insert(keygen.arguments.end(), options.begin(), options.end());
    REQUIRE(test::run(keygen).code == 0);
    recipient = test::content_of(file.string() + ".pub");
    recipient.erase(recipient.find(" nora"));
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
  test::AgeKey first{folder / "first"}, second{folder / "second"}, stranger{folder / "stranger"};
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

TEST_CASE("repository: SSH keys, Ed25519 and RSA, are recipients and identities") {
  const Scene scene;
  const SshKey ed(scene.folder, "ed", {"-t", "ed25519"}), rsa(scene.folder, "rsa", {"-t", "rsa"});
  const SshKey pem(scene.folder, "pem", {"-t", "rsa", "-m", "PEM"});
  const SshKey other(scene.folder, "other", {"-t", "ed25519"});
  const std::string bytes =
      scene.encrypted("text", {ed.recipient, rsa.recipient, pem.recipient, scene.first.recipient});
  for (const auto& file : {ed.file, rsa.file, pem.file, scene.first.file}) {
    CAPTURE(file);
    CHECK(scene.decrypted(bytes, file) == "text");
  }
  CHECK(test::thrown_by([&] { scene.decrypted(bytes, other.file); }).code == ErrorCode::permission);
}

TEST_CASE("repository: an identity that is none is told as such, not as damage") {
  const Scene scene;
  const std::string bytes = scene.encrypted("text", {scene.first.recipient});
  const auto refused = [&](const std::filesystem::path& file) {
    return test::thrown_by([&] { scene.decrypted(bytes, file); });
  };
  CHECK(refused(scene.folder / "nowhere").code == ErrorCode::input_missing);
  const auto malformed = refused(scene.folder.write("malformed", "nonsense\n"));
  CHECK(malformed.code == ErrorCode::configuration);
  CHECK(malformed.says("unknown identity type"));
  CHECK(malformed.hint == "see backup.identity_file");
  CHECK(refused(scene.folder.write("empty", "")).code == ErrorCode::configuration);
  CHECK(refused(scene.folder.path()).code == ErrorCode::configuration);
}

TEST_CASE("repository: an identity with a passphrase is refused, for age would ask a terminal") {
  const Scene scene;
  const SshKey ed(scene.folder, "ed", {"-t", "ed25519"}, "secret");
  const SshKey pem(scene.folder, "pem", {"-t", "rsa", "-m", "PEM"}, "secret");
  const SshKey pkcs(scene.folder, "pkcs", {"-t", "rsa", "-m", "PKCS8"}, "secret");
  const auto own = scene.folder.write("own", scene.encrypted("x", {scene.first.recipient}));
  const std::string bytes = scene.encrypted("text", {ed.recipient, pem.recipient});
  for (const auto& file : {ed.file, pem.file, pkcs.file, own}) {
    CAPTURE(file);
    const auto refused = test::thrown_by([&] { scene.decrypted(bytes, file); });
    CHECK(refused.code == ErrorCode::configuration);
    CHECK(refused.says("an identity with a passphrase"));
  }
}

TEST_CASE("repository: recipients are looked at before anything is encrypted") {
  const Scene scene;
  require_recipients({scene.first.recipient, scene.second.recipient}, scene.cancel);
  for (const char* const none : {"age1nobody", "ssh-rsa AAAA", "nora"}) {
    const auto refused = test::thrown_by([&] {
      require_recipients({scene.first.recipient, none}, scene.cancel);
    });
    CHECK(refused.code == ErrorCode::configuration);
    CHECK(refused.hint == "see backup.recipients");
  }
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
