#include <prism/store/history.hpp>

namespace prism::store {

std::string_view run_state_name(RunState state) {
  switch (state) {
    case RunState::running:
      return "running";
    case RunState::complete:
      return "complete";
    case RunState::failed:
      break;
  }
  return "failed";
}

RunState run_state_of(std::string_view name) {
  if (name == "complete") return RunState::complete;
  return name == "failed" ? RunState::failed : RunState::running;
}

std::string last_stage(const Run& run) {
  for (auto stage = run.stages.rbegin(); stage != run.stages.rend(); ++stage) {
    if (stage->stage != "error") return stage->stage;
  }
  return "checking";
}

}  // namespace prism::store
