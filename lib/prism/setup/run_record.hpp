#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/store/history.hpp>

namespace prism::setup {

/// Records one run of a command and its stages in a store's history. Stages that begin before
/// attach() are kept until there is a history.
class PRISM_API RunRecord {
 public:
  explicit RunRecord(std::string command);

  void attach(store::RunHistory& history, std::string_view inputs);

  /// Ends the stage before.
  void stage(std::string_view name);
  /// A stage that began and ended while the history could not be written to.
  void add(const store::StageTime& stage);

  void complete(std::string_view summary);
  /// Never throws: the error that ends the run is the one to be told.
  void fail(std::string_view why) noexcept;

 private:
  std::string command_;
  std::string started_;
  store::RunHistory* history_ = nullptr;
  std::int64_t run_ = 0;
  std::vector<store::StageTime> waiting_;
};

/// Now, as the history shows it.
std::string utc_now();

}  // namespace prism::setup
