#include <map>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include <prism/config/config_file.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::config {
namespace {

using test::thrown_by;

std::map<Setting, std::string> read(const std::string& text) {
  const test::Folder folder;
  return read_config_file(folder.write("prismctl.toml", text)).settings;
}

}  // namespace

TEST_CASE("config: a config file sets any setting by its key") {
  const auto values = read(R"(store = "sqlite:data/prism.db"
lock_wait = 30
[seed]
workbooks = "workbooks"
[uid]
entity_begin = 5_000
fact_begin = "6000"
[log]
level = "debug"
)");
  const std::map<Setting, std::string> expected{
      {Setting::store, "sqlite:data/prism.db"},
      {Setting::lock_wait, "30"},
      {Setting::workbooks, "workbooks"},
      {Setting::entity_begin, "5000"},
      {Setting::fact_begin, "6000"},
      {Setting::log_level, "debug"},
  };
  CHECK(values == expected);
  CHECK(read("").empty());
}

TEST_CASE("config: every setting that is declared may stand in a config file") {
  for (const SettingSpec& spec : setting_specs()) {
    CAPTURE(spec.key);
    const auto values = read(std::string(spec.key) + " = 1\n");
    REQUIRE(values.size() == 1);
    CHECK(values.begin()->first == spec.setting);
  }
}

TEST_CASE("config: a key that nobody knows is refused with the nearest one") {
  const auto thrown = thrown_by([] { read("stor = \"x\"\n"); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.says("prismctl.toml: line 1: unknown key 'stor'"));
  CHECK(thrown.hint == "did you mean 'store'?");
  const auto in_table = thrown_by([] { read("\n[log]\nlevle = \"info\"\n"); });
  CHECK(in_table.says("prismctl.toml: line 3: unknown key 'log.levle'"));
  CHECK(in_table.hint == "did you mean 'log.level'?");
}

TEST_CASE("config: values that are neither text nor whole number are refused") {
  for (const char* value : {"true", "1.5", "[\"a\"]", "{ a = 1 }", "2026-11-21"}) {
    CAPTURE(value);
    const auto thrown = thrown_by([&] { read(std::string("store = ") + value + "\n"); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("line 1: 'store' is neither a text nor a whole number"));
  }
}

TEST_CASE("config: what is no TOML is refused with its line") {
  const auto thrown = thrown_by([] { read("store = \"a\"\nstore = \"b\n"); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.says("prismctl.toml: line 2: "));
}

TEST_CASE("config: a config file that others may write to is not read") {
  const test::Folder folder;
  const auto file = folder.write("prismctl.toml", "store = \"x\"\n");
  for (const mode_t mode : {0664, 0646, 0666}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    const auto thrown = thrown_by([&] { read_config_file(file); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.message == file.string() + ": others may write to this config file");
    CHECK(thrown.hint.find("chmod go-w") != std::string::npos);
  }
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  CHECK(read_config_file(file).settings.size() == 1);
}

TEST_CASE("config: a config file of someone else is not read") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can give a file away");
    return;
  }
  const test::Folder folder;
  const auto file = folder.write("prismctl.toml", "store = \"x\"\n");
  REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
  const auto thrown = thrown_by([&] { read_config_file(file); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.message == file.string() + ": this config file belongs to someone else");
}

TEST_CASE("config: a config file that isn't there is told") {
  const test::Folder folder;
  CHECK(thrown_by([&] { read_config_file(folder / "prismctl.toml"); }).code ==
        ErrorCode::input_missing);
}

}  // namespace prism::config
