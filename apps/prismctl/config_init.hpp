#pragma once

#include <string>

#include <prism/setup/system_env.hpp>

#include "session.hpp"

namespace prismctl {

struct InitOptions {
  prism::setup::System system = prism::setup::System::relica;
  std::string output = ".env";
  std::string rsa_keys;  ///< a folder; empty: none are made
  unsigned rsa_bits = 3072;
};

/// `config init`: a system's env file with generated passwords and, where asked, a key pair for
/// tokens. Files that are there are left alone: Error(refused), and nothing is written.
int init_config(const InitOptions& options, Session& session);

}  // namespace prismctl
