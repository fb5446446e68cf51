// Artifacts of every kind that were damaged where they lie.
#include <doctest/doctest.h>

#include "support/text_stream.hpp"
#include "support/whole_system.hpp"

namespace prism::test {
namespace {

const Words kRestore{"restore", "latest", "--force", "--no-safety-copy"};

/// What is stored of the only backup of a system.
class Stored {
 public:
  explicit Stored(const std::string& repository) : place_(minio_options(), repository) {
    for (const auto& object : place_.repository.list("")) {
      if (object.name.ends_with("/manifest.json")) manifest_ = object.name;
    }
  }

  std::vector<std::string> artifacts() {
    const Json manifest = Json::parse(content_of(manifest_));
    std::vector<std::string> objects;
    for (const Json& target : manifest.at("targets")) {
      for (const Json& artifact : target.at("artifacts")) {
        objects.push_back(manifest.at("id").get<std::string>() + "/" +
                          artifact.at("object").get<std::string>());
      }
    }
    return objects;
  }

  std::string content_of(const std::string& object) {
    return text_of(*place_.repository.open(object));
  }
  void remove(const std::string& object) { place_.repository.remove(object); }
  void replace(const std::string& object, const std::string& content) {
    remove(object);
    put(place_.repository, object, content);
  }

 private:
  S3Place place_;
  std::string manifest_;
};

std::string with_a_flipped_bit(std::string content) {
  REQUIRE_FALSE(content.empty());
  char& byte = content[content.size() / 2];
  byte = static_cast<char>(byte ^ 1);
  return content;
}

void lose(const BackedUpSystem& system) { system.wreck(); }
void lose(const WholeSystem& system) { system.lose(); }

template <typename System>
void check_refused(const System& system, const std::string& object) {
  const Ended verified = system.run({"backup", "verify"});
  CHECK(verified.code == 2);
  CHECK(missing_in(verified.out, {": bad", object + ": damaged"}) == "");
  const Ended restored = system.run(kRestore);
  CHECK(restored.code == 2);
  CHECK(missing_in(restored.err, {object + ": damaged", "HINT: nothing was touched"}) == "");
}

template <typename System>
void check_each_artifact(const System& system) {
  REQUIRE(system.run({"backup"}).code == 0);
  const auto whole = system.state();
  lose(system);
  const auto lost = system.state();
  REQUIRE(lost != whole);
  Stored stored(system.repository());
  for (const std::string& object : stored.artifacts()) {
    CAPTURE(object);
    const std::string content = stored.content_of(object);
    stored.replace(object, with_a_flipped_bit(content));
    check_refused(system, object);
    stored.remove(object);
    check_refused(system, object);
    stored.replace(object, content);
    CHECK(system.state() == lost);
  }
  CHECK(system.run(kRestore).code == 0);
}

}  // namespace

TEST_CASE("fault: a damaged artifact of databases and servers is found, and nothing is touched") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  check_each_artifact(system);
}

TEST_CASE("fault: a whole system: a damaged artifact of any kind is found, nothing is touched") {
  if (!has_all_servers()) return;
  const WholeSystem system;
  check_each_artifact(system);
}

}  // namespace prism::test
