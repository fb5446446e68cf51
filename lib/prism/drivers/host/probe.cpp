#include <cerrno>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/host/probe.hpp>

namespace prism::host {
namespace {

using std::filesystem::path;

constexpr std::size_t kMostText = std::size_t{1} << 20;
constexpr double kGiB = 1024.0 * 1024 * 1024;

/// Of all processors since the start, in ticks: the first line of /proc/stat (proc(5)).
struct Ticks {
  double busy = 0;
  double all = 0;
};

Ticks read_ticks(const path& proc) {
  std::istringstream line(read_file(proc / "stat", kMostText));
  std::string name;
  line >> name;
  Ticks ticks;
  double value = 0;
  constexpr int kIdle = 3;
  constexpr int kWaits = 4;    // for a disk
  constexpr int kCounted = 8;  // what guests use is in the first two
  for (int column = 0; column < kCounted && line >> value; ++column) {
    ticks.all += value;
    if (column != kIdle && column != kWaits) ticks.busy += value;
  }
  return ticks;
}

/// In kB, of /proc/meminfo.
double read_memory(const path& proc, const std::string& wanted) {
  std::istringstream lines(read_file(proc / "meminfo", kMostText));
  for (std::string name; lines >> name;) {
    double value = 0;
    lines >> value;
    if (name == wanted) return value;
    lines.ignore(1000, '\n');
  }
  throw Error(ErrorCode::io, (proc / "meminfo").string() + ": " + wanted + " is missing");
}

path existing(path place) {
  while (!std::filesystem::exists(place) && place.has_relative_path()) place = place.parent_path();
  return place;
}

class HostProbe : public health::Probe {
 public:
  HostProbe(ProbeOptions options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    health::Reading reading;
    add_cpu(reading);
    add_memory(reading);
    std::set<dev_t> seen;
    for (const path& place : options_.places) add_disk(reading, existing(absolute(place)), seen);
    return reading;
  }

 private:
  void add_cpu(health::Reading& reading) const {
    constexpr std::chrono::milliseconds kSpan{100};
    const Ticks before = read_ticks(options_.proc);
    sleep_unless(cancel_, kSpan);
    cancel_.check();
    const Ticks after = read_ticks(options_.proc);
    const double all = after.all - before.all;
    const double used = all > 0 ? 100 * (after.busy - before.busy) / all : 0;
    reading.metrics.push_back({"cpu_used", used, "%", {80.0, {}}, false, {}, "processors busy"});
    reading.notes.push_back(fmt::format("CPU {:.0f} %", used));
  }

  void add_memory(health::Reading& reading) const {
    const double all = read_memory(options_.proc, "MemTotal:");
    const double left = read_memory(options_.proc, "MemAvailable:");
    const double used = all > 0 ? 100 * (all - left) / all : 0;
    reading.metrics.push_back({"memory_used", used, "%", {85.0, {}}, false, {}, "memory in use"});
    reading.notes.push_back(fmt::format("memory {:.0f} %", used));
  }

  static void add_disk(health::Reading& reading, const path& place, std::set<dev_t>& seen) {
    struct stat state {};
    struct statvfs disk {};
    if (::stat(place.c_str(), &state) != 0 || ::statvfs(place.c_str(), &disk) != 0) {
      throw system_error(errno, place.string());
    }
    if (!seen.insert(state.st_dev).second || disk.f_blocks == 0) return;
    // As df(1): what is kept for root is no one's to use.
    const auto used = static_cast<double>(disk.f_blocks - disk.f_bfree);
    const auto left = static_cast<double>(disk.f_bavail);
    const double share = used + left > 0 ? 100 * used / (used + left) : 100;
    reading.metrics.push_back(
        {"disk_used", share, "%", {85.0, 95.0}, false, place.string(), "disk in use"});
    reading.notes.push_back(fmt::format("disk {} {:.0f} %, {:.1f} GiB left", place.string(), share,
                                        left * static_cast<double>(disk.f_frsize) / kGiB));
  }

  ProbeOptions options_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, const Cancel& cancel) {
  return std::make_unique<HostProbe>(std::move(options), cancel);
}

}  // namespace prism::host
