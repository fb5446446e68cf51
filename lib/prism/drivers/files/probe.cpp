#include <fmt/format.h>
#include <glob.h>

#include <prism/drivers/files/probe.hpp>

namespace prism::files {
namespace {

/// How many paths a pattern stands for.
std::size_t matches_of(const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  const std::size_t count = result == 0 ? found.gl_pathc : 0;
  ::globfree(&found);
  return count;
}

class FilesProbe : public health::Probe {
 public:
  explicit FilesProbe(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  health::Reading look(health::Depth) override {
    health::Reading reading;
    std::size_t there = 0;
    for (const std::string& path : paths_) {
      const std::size_t count = matches_of(path);
      there += count;
      if (count == 0) reading.add_problem(health::State::warning, path + " is not there");
    }
    reading.metrics.push_back({"paths", static_cast<double>(there), "", {}, true, {}, {}});
    reading.notes.push_back(fmt::format("{} path{}", there, there == 1 ? "" : "s"));
    return reading;
  }

 private:
  std::vector<std::string> paths_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(std::vector<std::string> paths) {
  return std::make_unique<FilesProbe>(std::move(paths));
}

}  // namespace prism::files
