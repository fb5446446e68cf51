#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/health/probe.hpp>

namespace prism::host {

struct ProbeOptions {
  /// What lies there is what their file systems are named by; one that is not there yet stands for
  /// the folder that it would be made in.
  std::vector<std::filesystem::path> places = {"/"};
  std::filesystem::path proc = "/proc";
};

/// How busy this machine's processors are (over a tenth of a second), and how full its memory and
/// the file systems of some places, each once. `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, const Cancel& cancel);

}  // namespace prism::host
