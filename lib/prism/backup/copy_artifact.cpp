#include <prism/backup/copy_artifact.hpp>
#include <prism/base/files.hpp>

namespace prism::backup {

void copy_artifact(ArtifactReader& artifacts, const std::string& name,
                   const std::filesystem::path& file, const Cancel& cancel) {
  require_space(file.parent_path(), artifacts.size(name));
  const auto source = artifacts.open(name);
  FileWriter writer(file);
  std::vector<char> block(std::size_t{1} << 20);
  while (const std::size_t size = source->read(block)) {
    cancel.check();
    writer.buffer().append(block.data(), size);
    writer.flush_if_full();
  }
  writer.close();
}

}  // namespace prism::backup
