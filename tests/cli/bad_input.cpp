#include "cli/bad_input.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace prism::test {
namespace {

namespace fs = std::filesystem;

Words with_store(Words words) {
  if (std::find(words.begin(), words.end(), "--store") != words.end()) return words;
  words.insert(words.end(), {"--store", "t.db"});
  if (words[0] == "seed") words.push_back("--append");
  return words;
}

void check(const Case& one, const Cli& cli) {
  const Held held = one.make(cli);
  std::vector<std::string> before;
  for (const auto& name : one.untouched) before.push_back(content_of(cli / name));
  Launch launch = cli.launch(with_store(one.words), one.variables);
  launch.privileged = one.privileged;
  const Ended ended = run(launch);
  CAPTURE(ended.err);
  CHECK(ended.code == one.code);
  CHECK(missing_in(ended.err, one.texts) == "");
  CHECK(ended.err.find("secret") == std::string::npos);
  if (one.code > 1) CHECK(ended.out == "");
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(content_of(cli / one.untouched[i]) == before[i]);
  }
  for (const auto& name : one.absent) CHECK_FALSE(fs::exists(cli / name));
}

}  // namespace

Held nothing(const Cli&) { return nullptr; }

Make file(const std::string& name, const std::string& content) {
  return [=](const Cli& cli) -> Held {
    cli.write(name, content);
    return nullptr;
  };
}

Make folder(const std::string& name) {
  return [=](const Cli& cli) -> Held {
    std::filesystem::create_directory(cli / name);
    return nullptr;
  };
}

void check_all(const std::vector<Case>& cases) {
  const Cli model;
  model.write("model.csv", table({"5001,6001,1146,7000", ",8,1190,7000"}));
  REQUIRE(model({"seed", "model.csv", "--store", "t.db"}).code == 0);
  const TextRows good = content_of_store(model / "t.db");
  for (const Case& one : cases) {
    CAPTURE(one.name);
    const Cli cli;
    fs::copy(model / "t.db", cli / "t.db");
    check(one, cli);
    CHECK(content_of_store(cli / "t.db") == good);
    const auto left = cli.left_behind();
    CHECK_MESSAGE((left.empty() || left == std::vector<std::string>{"t.db.lock"}), joined(left));
  }
}

}  // namespace prism::test
