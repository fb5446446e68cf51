#include <cerrno>
#include <fstream>
#include <span>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/postgres/artifacts.hpp>
#include <prism/drivers/postgres/load_archive.hpp>

namespace prism::postgres {
namespace {

class Empty : public ByteSource {
 public:
  std::size_t read(std::span<char>) override { return 0; }
};

/// It goes again: nothing is made durable.
void copy(ByteSource& source, const std::filesystem::path& file, const Cancel& cancel) {
  std::ofstream out(file, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  while (const std::size_t size = source.read(block)) {
    cancel.check();
    out.write(block.data(), static_cast<std::streamsize>(size));
  }
  out.close();
  if (!out) throw write_error(errno == 0 ? EIO : errno, file.string());
}

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
}

void ArchiveLoader::finish(const std::filesystem::path& head, std::size_t jobs) {
  run({"--section=post-data", fmt::format("--jobs={}", jobs), head.string()}, nullptr);
}

void ArchiveLoader::load_copied(backup::ArtifactReader& artifacts, const DatabaseRecord& record,
                                const std::filesystem::path& folder, std::size_t jobs) {
  require_space(folder, record.dump_bytes);
  const std::filesystem::path file = folder / kDump;
  copy(*artifacts.open(kDump), file, cancel_);
  run({fmt::format("--jobs={}", jobs), file.string()}, nullptr);
}

}  // namespace prism::postgres
