#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <prism/base/files.hpp>

namespace prism::test {

/// A folder for one test case, gone afterwards.
class Folder {
 public:
  Folder() : folder_(std::filesystem::temp_directory_path(), "prism-test-") {}

  std::filesystem::path operator/(const std::string& name) const { return folder_.path() / name; }
  const std::filesystem::path& path() const { return folder_.path(); }

  std::filesystem::path write(const std::string& name, const std::string& content) const {
    const auto file = *this / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  TemporaryFolder folder_;
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace prism::test
