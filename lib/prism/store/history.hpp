#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::store {

enum class RunState : std::uint8_t { running, complete, failed };

/// `running`, `complete`, `failed`: how drivers keep it.
std::string_view run_state_name(RunState state);
/// Of such a name; any other is taken for `running`.
RunState run_state_of(std::string_view name);

struct StageTime {
  std::string stage;
  std::string started;   ///< UTC
  std::string finished;  ///< empty while it runs, or for ever if it was cut off
};

/// A recorded run of a command that changes the store.
struct Run {
  std::int64_t id = 0;
  std::string command;
  std::string inputs;  ///< fingerprint of what it worked on
  RunState state = RunState::running;
  std::string stage;  ///< the latest
  std::string started;
  std::string finished;
  std::string host;
  std::int64_t process = 0;
  std::string summary;  ///< JSON, or the error's words
  std::vector<StageTime> stages;
};

/// The stage that a run was in when it ended, `error` itself left out.
std::string last_stage(const Run& run);

/// The runs of a store. A run that is `running` though nobody holds the store's lock was cut off.
class RunHistory {
 public:
  virtual ~RunHistory() = default;

  /// Returns the run's id.
  virtual std::int64_t begin(std::string_view command, std::string_view inputs,
                             std::string_view started) = 0;
  /// Adds a stage, which is the latest then. One before it that is still open ends where it starts.
  virtual void stage(std::int64_t run, const StageTime& stage) = 0;
  virtual void finish(std::int64_t run, RunState state, std::string_view summary) = 0;

  /// The latest run of the command, with its stages.
  virtual std::optional<Run> latest(std::string_view command) = 0;
};

}  // namespace prism::store
