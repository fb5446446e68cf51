#include <chrono>

#include <prism/base/date.hpp>
#include <prism/setup/run_record.hpp>

namespace prism::setup {

std::string utc_now() { return format_utc(std::chrono::system_clock::now()); }

RunRecord::RunRecord(std::string command) : command_(std::move(command)), started_(utc_now()) {}

void RunRecord::attach(store::RunHistory& history, std::string_view inputs) {
  run_ = history.begin(command_, inputs, started_);
  history_ = &history;
  for (const store::StageTime& stage : waiting_) history.stage(run_, stage);
  waiting_.clear();
}

void RunRecord::stage(std::string_view name) { add({std::string(name), utc_now(), {}}); }

void RunRecord::add(const store::StageTime& stage) {
  if (history_ != nullptr) return history_->stage(run_, stage);
  if (!waiting_.empty() && waiting_.back().finished.empty()) {
    waiting_.back().finished = stage.started;
  }
  waiting_.push_back(stage);
}

void RunRecord::complete(std::string_view summary) {
  stage("complete");
  history_->finish(run_, store::RunState::complete, summary);
}

void RunRecord::fail(std::string_view why) noexcept {
  if (history_ == nullptr) return;
  try {
    stage("error");
    history_->finish(run_, store::RunState::failed, why);
  } catch (const std::exception&) {
    // A run that is neither complete nor failed is told as cut off, which is true as well.
  }
}

}  // namespace prism::setup
