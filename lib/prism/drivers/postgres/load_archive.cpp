#include <span>

#include <fmt/format.h>

#include <prism/drivers/postgres/archive_check.hpp>
#include <prism/drivers/postgres/artifacts.hpp>
#include <prism/drivers/postgres/load_archive.hpp>

namespace prism::postgres {
namespace {

class Empty : public ByteSource {
 public:
  std::size_t read(std::span<char>) override { return 0; }
};

}  // namespace

void ArchiveLoader::run(std::vector<std::string> arguments, ByteSource* input) {
  arguments.insert(arguments.begin(), arguments_.begin(), arguments_.end());
  arguments.emplace_back("--exit-on-error");
  ChildProcess tool(command_of(tool_, address_, std::move(arguments)), cancel_);
  Empty nothing;
  pipe_through(tool, input == nullptr ? nothing : *input, [](std::string_view) {});
}

void ArchiveLoader::load(backup::ArtifactReader& artifacts, std::vector<std::string> arguments) {
  const auto source = artifacts.open(kDump);
  run(std::move(arguments), source.get());
  read_rest(*source);
}

void ArchiveLoader::begin(const std::filesystem::path& head) {
  run({"--section=pre-data", head.string()}, nullptr);
}

void ArchiveLoader::finish(const std::filesystem::path& head, std::size_t jobs) {
  run({"--section=post-data", fmt::format("--jobs={}", jobs), head.string()}, nullptr);
}

}  // namespace prism::postgres
