#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/repository/repository.hpp>

namespace prism::repository {

/// Objects are files in a folder, which is made with the first of them; only the owner may read
/// them. An object that is being written has a hidden name, which stays behind when the process is
/// killed, until remove_leftovers(). Other hidden names, symbolic links and what else is no object
/// are let be.
class PRISM_API FolderRepository : public Repository {
 public:
  explicit FolderRepository(std::filesystem::path path) : path_(std::move(path)) {}

  std::string location() const override { return path_.string(); }
  std::unique_ptr<ByteSink> create(const std::string& name) override;
  std::unique_ptr<ByteSource> open(const std::string& name) override;
  std::vector<Object> list(const std::string& prefix) override;
  void remove(const std::string& name) override;
  void remove_leftovers(std::chrono::system_clock::time_point before) override;

 private:
  std::filesystem::path path_;
};

}  // namespace prism::repository
