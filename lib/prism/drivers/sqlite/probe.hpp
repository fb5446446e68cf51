#pragma once

#include <filesystem>
#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/health/probe.hpp>

namespace prism::sqlite {

struct ProbeOptions {
  std::filesystem::path file;
};

/// An SQLite file: its size and that of its write-ahead log. A deep look checks its integrity.
/// `log` and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::sqlite
