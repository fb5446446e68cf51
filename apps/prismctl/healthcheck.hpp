#pragma once

#include <string>

#include <prism/health/ping.hpp>

#include "session.hpp"

namespace prismctl {

/// Tells healthcheck.url that a run begins, and how it ended. What goes wrong with that is warned
/// of once and changes nothing.
class Healthcheck {
 public:
  /// `command` is empty for one that nobody is told of.
  Healthcheck(Session& session, std::string command);

  void end(int exit_code);

 private:
  void tell(prism::health::Ping ping);

  Session& session_;
  std::string command_;
  bool warned_ = false;
};

}  // namespace prismctl
