#pragma once

#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <sys/mount.h>

namespace prism::test {

/// A file system of a few MB at a folder, for as long as it lives.
class SmallDisk {
 public:
  /// `size` as tmpfs(5) takes it, such as `2m`. Says so where there can be none.
  SmallDisk(std::filesystem::path at, const std::string& size) : at_(std::move(at)) {
    std::filesystem::create_directory(at_);
    mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    if (!mounted_) MESSAGE("skipped, for a tmpfs can't be mounted here: full disk");
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

}  // namespace prism::test
