#include <algorithm>
#include <array>

#include <prism/base/files.hpp>
#include <prism/drivers/postgres/archive_head.hpp>
#include <prism/drivers/postgres/archive_text.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/tool_run.hpp>

namespace prism::postgres {
namespace {

/// How such a statement begins; ? is a name. That of the database follows.
constexpr std::array<std::string_view, 4> kBeginnings{"ALTER DATABASE", "COMMENT ON DATABASE",
                                                      "SECURITY LABEL FOR ? ON DATABASE",
                                                      "ALTER ROLE ? IN DATABASE"};

/// What lies behind the beginning, or nothing where the statement begins otherwise.
std::string_view behind(std::string_view statement, std::string_view beginning) {
  while (const auto expected = take_identifier(beginning)) {
    const auto word = take_identifier(statement);
    if (!word || (*expected != "?" && *word != *expected)) return {};
  }
  return statement;
}

/// Before it only names of privileges stand.
std::string_view behind_grant(std::string_view statement) {
  constexpr std::string_view kOn = " ON DATABASE ";
  const bool grant = statement.starts_with("GRANT ") || statement.starts_with("REVOKE ");
  const std::size_t at = statement.find(kOn);
  if (!grant || at == std::string_view::npos) return {};
  return statement.substr(at + kOn.size());
}

std::string_view from_name(std::string_view statement) {
  for (const std::string_view beginning : kBeginnings) {
    const std::string_view rest = behind(statement, beginning);
    if (!rest.empty()) return rest;
  }
  return behind_grant(statement);
}

/// Grants of others than the owner are made in their name.
bool changes_user(std::string_view statement) {
  return statement.starts_with("SET SESSION AUTHORIZATION ") ||
         statement == "RESET SESSION AUTHORIZATION";
}

/// Passes on what is read, and keeps it in a file.
class Kept : public ByteSource {
 public:
  Kept(ByteSource& from, const std::filesystem::path& file) : from_(from), file_(file) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t size = from_.read(into);
    file_.buffer().append(into.data(), size);
    file_.flush_if_full();
    return size;
  }
  void close() { file_.close(); }

 private:
  ByteSource& from_;
  FileWriter file_;
};

/// With a schema that nothing is in, only the database itself is left.
std::vector<std::string> arguments_of(const EntryOptions& options) {
  std::vector<std::string> arguments{"--create", "--schema-only", "--file=-",
                                     "--schema=prismctl, of which there is none"};
  if (options.no_owner) arguments.emplace_back("--no-owner");
  if (options.no_acl) arguments.emplace_back("--no-privileges");
  return arguments;
}

}  // namespace

std::string entry_for(std::string_view statement, const std::string& database) {
  if (changes_user(statement)) return std::string(statement);
  std::string_view rest = from_name(statement);
  if (rest.empty()) return {};
  const std::size_t before = statement.size() - rest.size();
  if (!take_identifier(rest)) return {};
  std::string entry(statement.substr(0, before));
  if (!entry.ends_with(' ')) entry += ' ';
  return entry + quoted_name(database) + std::string(rest);
}

std::string without_extensions(std::string_view list, const std::vector<std::string>& extensions) {
  std::string kept;
  while (!list.empty()) {
    const std::size_t end = std::min(list.size(), list.find('\n'));
    const std::string line(list.substr(0, end));
    const bool drop = std::any_of(extensions.begin(), extensions.end(), [&](const auto& name) {
      return line.find(" EXTENSION - " + name + " ") != std::string::npos ||
             line.find(" COMMENT - EXTENSION " + name + " ") != std::string::npos;
    });
    if (!drop) kept += line + "\n";
    list.remove_prefix(std::min(list.size(), end + 1));
  }
  return kept;
}

std::vector<std::string> read_head(ByteSource& archive, const Tool& pg_restore,
                                   const EntryOptions& options, const std::string& database,
                                   const std::filesystem::path& file, const Cancel& cancel) {
  std::vector<std::string> entries;
  ArchiveText text([&](std::string_view statement, std::uint64_t) {
    std::string entry = entry_for(statement, database);
    if (!entry.empty()) entries.push_back(std::move(entry));
  });
  ChildProcess tool({.program = pg_restore.program,
                     .arguments = arguments_of(options),
                     .environment = {{"LC_ALL", "C"}}},
                    cancel);
  Kept kept(archive, file);
  pipe_through(tool, kept, [&](std::string_view bytes) { text.add(bytes); });
  text.finish();
  kept.close();
  return entries;
}

}  // namespace prism::postgres
