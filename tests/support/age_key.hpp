#pragma once

#include <filesystem>
#include <string>

#include "support/process.hpp"

namespace prism::test {

/// An age identity in a file.
struct AgeKey {
  explicit AgeKey(std::filesystem::path in) : file(std::move(in)) {
    Launch keygen;
    keygen.program = "/usr/bin/age-keygen";
    keygen.arguments = {"-o", file};
    const std::string said = run(keygen).err;
    recipient = said.substr(said.find("age1"), 62);
  }

  std::filesystem::path file;
  std::string recipient;
};

}  // namespace prism::test
