#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include "cli/bad_input.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

Make database(const std::string& sql) {
  return [=](const Cli& cli) -> Held {
    cli.write("other.db", "");
    Sql(cli / "other.db").execute(sql);
    return nullptr;
  };
}

Make changed_store(const std::string& sql) {
  return [=](const Cli& cli) -> Held {
    fs::copy(cli / "t.db", cli / "other.db");
    Sql(cli / "other.db").execute(sql);
    return nullptr;
  };
}

Held locked_by_writer(const Cli& cli) {
  cli.write("a.csv", table({"5009,6001,1146,7000"}));
  auto writer = std::make_shared<Sql>(cli / "t.db");
  writer->execute("BEGIN IMMEDIATE");
  return writer;
}

Held locked_by_run(const Cli& cli) {
  const auto lock = cli.write("t.db.lock", "seed, process 4711 on elsewhere since yesterday\n");
  cli.write("a.csv", table({"5009,6001,1146,7000"}));
  auto held = std::make_shared<FileDescriptor>(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(::flock(held->get(), LOCK_EX) == 0);
  return held;
}

Held read_only(const Cli& cli) {
  cli.write("a.csv", table({"5009,6001,1146,7000"}));
  fs::permissions(cli / "t.db", fs::perms::owner_read);
  return nullptr;
}

std::vector<Case> store_cases() {
  const Words other{"import", "a.csv", "--store", "other.db"};
  const Words import{"import", "a.csv"};
  const auto with_csv = [](const Make& make) -> Make {
    return [=](const Cli& cli) {
      cli.write("a.csv", table({"5009,6001,1146,7000"}));
      return make(cli);
    };
  };
  return {
      {"store that is not SQLite",
       with_csv(file("other.db", std::string(5000, 'x'))),
       other,
       78,
       {"other.db: file is not a database", "HINT: check --store"},
       {"other.db"}},
      {"store that is a folder",
       with_csv(folder("other.db")),
       other,
       74,
       {"other.db: unable to open database file", "HINT: "}},
      {"store in a folder that is not there",
       with_csv(nothing),
       {"import", "a.csv", "--store", "no/t.db"},
       74,
       {"no/t.db: unable to open", "HINT: "}},
      {"store of another program",
       with_csv(database("CREATE TABLE mine (x)")),
       other,
       73,
       {"other.db: an SQLite database of another program", "HINT: choose another file"},
       {"other.db"}},
      {"cache of another program",
       with_csv(database("CREATE TABLE mine (x)")),
       {"rebuild-cache", "--cache", "other.db"},
       73,
       {"other.db: an SQLite database of another"},
       {"other.db"}},
      {"store of a newer schema",
       with_csv(changed_store("PRAGMA user_version = 999")),
       other,
       78,
       {"other.db: schema version 999 is newer than this program knows (1)", "HINT: "},
       {"other.db"}},
      {"status of a newer schema",
       changed_store("PRAGMA user_version = 999"),
       {"status", "--store", "other.db"},
       78,
       {"schema version 999 is newer"},
       {"other.db"}},
      {"read-only store",
       read_only,
       import,
       77,
       {"t.db: may not be written to", "HINT: check the"},
       {},
       {},
       {},
       false},
      {"store locked by another run",
       locked_by_run,
       import,
       75,
       {"t.db.lock: held by another run (seed, process 4711 on elsewhere since yesterday)",
        "HINT: wait for it with --lock-wait SECONDS"}},
      {"store locked by another writer",
       locked_by_writer,
       import,
       75,
       {"t.db: database is locked", "HINT: another program is writing to it"}},
      {"missing store",
       nothing,
       {"rebuild-cache", "--store", "no.db"},
       66,
       {"no.db: there is no such store", "HINT: prismctl seed makes one"},
       {},
       {"no.db"}},
  };
}

std::vector<Case> setting_cases() {
  const Words status{"status"};
  const auto with = [](const std::string& name, const std::string& value) {
    return Variables{{name, value}};
  };
  return {
      {"unknown scheme",
       nothing,
       {"status", "--store", "mysql://u:secret@h/x"},
       78,
       {"no driver for mysql", "HINT: "}},
      {"unknown scheme of a cache",
       nothing,
       {"rebuild-cache", "--cache", "memcached://h"},
       78,
       {"no driver for memcached"}},
      {"number that is none",
       nothing,
       status,
       78,
       {"uid.temporary_end (environment PRISM_MAX_TEMP_UID): found 'many', expected a whole "
        "number"},
       {},
       {},
       with("PRISM_MAX_TEMP_UID", "many")},
      {"number out of range",
       nothing,
       status,
       78,
       {"lock_wait (environment PRISMCTL_LOCK_WAIT): found '-1', expected a whole number from 0"},
       {},
       {},
       with("PRISMCTL_LOCK_WAIT", "-1")},
      {"word that is none of the choices",
       nothing,
       status,
       78,
       {"log.level (environment PRISMCTL_LOG_LEVEL): found 'loud', expected one of "
        "debug|info|warning"},
       {},
       {},
       with("PRISMCTL_LOG_LEVEL", "loud")},
      {"UID ranges that overlap",
       nothing,
       status,
       78,
       {"UID ranges overlap", "PRISM_MIN_FREE_UID < PRISM_MIN_FREE_FACT_UID"},
       {},
       {},
       with("PRISM_MIN_FREE_UID", "2000000000")},
      {"unknown key in the config file",
       file("prismctl.toml", "\nstor = \"x\"\n"),
       status,
       78,
       {"prismctl.toml: line 2: unknown key 'stor'", "did you mean 'store'?"}},
      {"config file that is no TOML",
       file("prismctl.toml", "store = \n"),
       status,
       78,
       {"prismctl.toml: line 1: "}},
      {"env file without '='",
       file("e", "A=b\nnonsense\n"),
       {"status", "--env-file", "e"},
       78,
       {"e: line 2: no '=' in it", "HINT: lines look like KEY=value"}},
      {"env file that is missing", nothing, {"status", "--env-file", "e"}, 66, {"e: No such file"}},
  };
}

}  // namespace

TEST_CASE("cli: bad stores are refused and left untouched") { check_all(store_cases()); }

TEST_CASE("cli: bad settings are named with where they come from") { check_all(setting_cases()); }

}  // namespace prism::test
