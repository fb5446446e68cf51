#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <prism/health/state.hpp>

namespace prism::health {

/// From where on a number is a warning, or critical.
struct Limits {
  std::optional<double> warning = {};
  std::optional<double> critical = {};
};

/// A number that was measured.
struct Metric {
  std::string name;  ///< `connections`: small letters, digits and _, by which limits are set
  double value = 0;
  std::string unit = {};   ///< `s`, `B` (bytes), `%`, or empty: a count
  Limits limits = {};      ///< those that count where the operator has set none
  bool least = false;      ///< what is below a limit is bad, not what is at it or above
  std::string of = {};     ///< which one, where there are several: a path, a queue
  std::string words = {};  ///< what is counted, for messages; empty: its name
};

/// What one look at a target has found.
struct Reading {
  State state = State::ok;  ///< but for the metrics, which are judged by their limits
  std::string version = {};
  std::vector<std::string> notes = {};     ///< what matters to an operator, a few words each
  std::vector<std::string> problems = {};  ///< why it isn't ok
  std::vector<Metric> metrics = {};

  /// Makes the state no better than that, and says why.
  PRISM_API void add_problem(State at_least, std::string words);
};

/// How closely a probe looks.
enum class Depth : std::uint8_t {
  normal,  ///< in milliseconds, nothing is changed
  deep,    ///< reads all there is, where that tells more; writes a test object into a bucket
};

/// Something whose state can be asked for. Used by one thread.
class Probe {
 public:
  virtual ~Probe() = default;

  /// Connects, asks and disconnects. Throws Error where it is down, or can't be asked.
  virtual Reading look(Depth depth) = 0;
};

}  // namespace prism::health
