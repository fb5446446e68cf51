#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary.hpp"

namespace prism::test {

/// Servers of scripts/services for one test case alone, which may kill them; gone afterwards.
class OwnServices {
 public:
  /// `options` and names as for `scripts/services start`. Throws std::runtime_error.
  explicit OwnServices(std::initializer_list<std::string> words);
  ~OwnServices();
  OwnServices(const OwnServices&) = delete;
  OwnServices& operator=(const OwnServices&) = delete;

  /// A variable that they offer.
  std::string operator[](const std::string& variable) const;
  std::filesystem::path folder() const { return folder_ / "s"; }

  void kill(const std::string& member) const { call({"kill", member}); }
  /// STOP makes it stall, CONT lets it go on.
  void signal(const std::string& name, const std::string& member) const {
    call({"kill", "--signal", name, member});
  }
  void restart(const std::string& member) const { call({"restart", member}); }

 private:
  void call(std::vector<std::string> words) const;

  Folder folder_;
};

}  // namespace prism::test
