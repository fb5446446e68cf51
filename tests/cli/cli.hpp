#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/temporary.hpp"

struct sqlite3;

namespace prism::test {

using Json = nlohmann::json;
using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;
using TextRow = std::vector<std::string>;
using TextRows = std::vector<TextRow>;

/// The real binary in a folder of its own, which is also its home, its working folder and the
/// parent of its temporary files.
class Cli {
 public:
  Cli();

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    return folder_.write(name, content);
  }

  Launch launch(const Words& words, const Variables& variables = {}) const;
  Ended operator()(const Words& words, const Variables& variables = {}) const {
    return run(launch(words, variables));
  }

  /// With --json: its one document. Anything else on standard output is an exception.
  Json json(Words words, const Variables& variables = {}) const;

  /// Names in the folder for temporary files, and hidden ones of ours anywhere below the folder.
  std::vector<std::string> left_behind() const;

  std::filesystem::path audit_file() const { return folder_ / "state/prismctl/audit.jsonl"; }
  std::vector<Json> audit() const;

 private:
  Folder folder_;
};

/// An SQLite file seen from outside, as its own shell would.
class Sql {
 public:
  explicit Sql(const std::filesystem::path& file);
  ~Sql();
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  TextRows rows(const std::string& sql) const;
  std::string text(const std::string& sql) const;
  std::int64_t integer(const std::string& sql) const { return std::stoll(text(sql)); }
  void execute(const std::string& sql) const;

 private:
  sqlite3* connection_ = nullptr;
};

/// All that a store says, but for its run history and the times of its cache.
TextRows content_of_store(const std::filesystem::path& file);
TextRows facts_of(const std::filesystem::path& file);

/// A CSV table with column IDs 1, 2, 101, 60, 15 and 201, from `fact,left,relation,right` each.
std::string table(std::initializer_list<std::string_view> facts);

/// `count` facts with UIDs of their own, every fourth a specialization; each 50th has a blank fact
/// UID and each 70th names temporary entities when asked.
std::string many_facts(std::size_t count, bool with_new_uids);

/// Whether a file that isn't shipped is there. Where it is not: said, and a failure under CI.
bool there(const std::filesystem::path& file);

std::filesystem::path example(const std::string& name);
std::filesystem::path real_workbook();

/// The words of a command line, for messages.
std::string joined(const Words& words);

/// `text` holds every one of `parts`; the first that is missing, or nothing.
std::string missing_in(const std::string& text, const std::vector<std::string>& parts);

}  // namespace prism::test
