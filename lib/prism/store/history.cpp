#include <prism/store/history.hpp>

namespace prism::store {

std::string last_stage(const Run& run) {
  for (auto stage = run.stages.rbegin(); stage != run.stages.rend(); ++stage) {
    if (stage->stage != "error") return stage->stage;
  }
  return "checking";
}

}  // namespace prism::store
