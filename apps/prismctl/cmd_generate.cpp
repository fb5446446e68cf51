#include <filesystem>

#include <prism/base/files.hpp>

#include "cli.hpp"
#include "generate/completions.hpp"
#include "generate/man.hpp"

namespace prismctl {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  prism::write_file_atomically(file, text);
}

int run(const std::filesystem::path& folder) {
  CommandLine line;
  for (const auto& page : man_pages(line)) write(folder / "man" / page.name, page.text);
  for (const auto& file : completions(line)) write(folder / "completions" / file.name, file.text);
  return 0;
}

Run add(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  app.add_option("DIR", *folder, "Where man/ and completions/ are written")->required();
  return [folder](Session&) { return run(*folder); };
}

}  // namespace

Command generate_command() {
  return {.name = "generate",
          .summary = "Write the man pages and completions",
          .examples = "",
          .add = add,
          .hidden = true};
}

}  // namespace prismctl
