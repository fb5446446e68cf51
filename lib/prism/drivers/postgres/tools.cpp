#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/process.hpp>
#include <prism/drivers/postgres/tools.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;

/// A folder for each version: Debian's, Red Hat's, Homebrew's, Alpine's.
struct Layout {
  const char* folder;
  std::string_view prefix;
  const char* programs;
};
constexpr std::array kLayouts{
    Layout{"/usr/lib/postgresql", "", "bin"}, Layout{"/usr", "pgsql-", "bin"},
    Layout{"/usr/local/opt", "postgresql@", "bin"}, Layout{"/usr/libexec", "postgresql", ""}};

bool is_program(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

bool is_wrapper(const fs::path& file) {
  std::error_code error;
  return fs::canonical(file, error).filename() == "pg_wrapper";
}

fs::path in_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.size(), rest.find(':'));
    const fs::path file = fs::path(rest.substr(0, end)) / name;
    if (end > 0 && is_program(file)) return file;
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  return {};
}

std::vector<fs::path> in_folders_of_versions(const std::string& name) {
  std::vector<fs::path> files;
  for (const Layout& layout : kLayouts) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(layout.folder, error)) {
      const std::string folder = entry.path().filename().string();
      if (!folder.starts_with(layout.prefix)) continue;
      const fs::path file = entry.path() / layout.programs / name;
      if (is_program(file)) files.push_back(file);
    }
  }
  return files;
}

std::optional<Tool> ask_version(const fs::path& file, const Cancel& cancel) {
  ChildProcess tool({.program = file.string(), .arguments = {"--version"}}, cancel);
  std::string words;
  std::array<char, 256> block{};
  while (const std::size_t size = tool.read(block)) words.append(block.data(), size);
  auto found = tool.wait() == 0 ? read_version(words) : std::nullopt;
  if (found) found->program = file.string();
  return found;
}

Tool tool_in(const fs::path& folder, const std::string& name, const Cancel& cancel) {
  const fs::path file = folder / name;
  auto tool = is_program(file) ? ask_version(file, cancel) : std::nullopt;
  if (tool) return *tool;
  throw Error(ErrorCode::configuration,
              folder.string() + ": there is no '" + name + "' of PostgreSQL in it",
              "--pg-bin names the folder that holds pg_dump, pg_dumpall and pg_restore");
}

std::string install_words(int major) {
  const std::string package = major > 0 ? fmt::format("postgresql-client-{} or newer", major)
                                        : std::string("postgresql-client");
  return "install " + package + ", or name the folder of its programs with --pg-bin";
}

}  // namespace

std::optional<Tool> read_version(std::string_view words) {
  constexpr std::string_view kLabel = "(PostgreSQL) ";
  const std::size_t at = words.find(kLabel);
  if (at == std::string_view::npos) return {};
  words.remove_prefix(at + kLabel.size());
  Tool tool;
  const auto parsed = std::from_chars(words.data(), words.data() + words.size(), tool.major);
  if (parsed.ec != std::errc()) return {};
  tool.version = words.substr(0, words.find_first_of(" \n"));
  return tool;
}

Needed needed_by_server(int major, const std::string& version) {
  return {major, "the server is of " + version};
}

Needed needed_by_archive(const std::string& pg_dump) {
  Needed needed{0, "the archive was made by pg_dump " + pg_dump};
  std::from_chars(pg_dump.data(), pg_dump.data() + pg_dump.size(), needed.major);
  return needed;
}

std::vector<Tool> find_tools(const std::string& name, const fs::path& folder,
                             const Cancel& cancel) {
  if (!folder.empty()) return {tool_in(folder, name, cancel)};
  std::vector<fs::path> files = in_folders_of_versions(name);
  const fs::path first = in_path(name);
  if (!first.empty() && !is_wrapper(first)) files.insert(files.begin(), first);
  std::vector<Tool> tools;
  for (const fs::path& file : files) {
    if (auto tool = ask_version(file, cancel)) tools.push_back(std::move(*tool));
  }
  return tools;
}

Tool choose_tool(const std::string& name, const std::vector<Tool>& tools, const Needed& needed) {
  const Tool* best = nullptr;
  const Tool* newest = nullptr;
  for (const Tool& tool : tools) {
    if (newest == nullptr || tool.major > newest->major) newest = &tool;
    if (tool.major < needed.major) continue;
    if (best == nullptr || tool.major < best->major) best = &tool;
  }
  if (best != nullptr) return *best;
  if (newest == nullptr) {
    throw Error(ErrorCode::configuration, "there is no program '" + name + "'",
                install_words(needed.major));
  }
  throw Error(
      ErrorCode::configuration,
      fmt::format("{} is of version {}, but {}", newest->program, newest->version, needed.reason),
      install_words(needed.major));
}

}  // namespace prism::postgres
