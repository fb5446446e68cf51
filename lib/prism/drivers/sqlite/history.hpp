#pragma once

#include <prism/drivers/sqlite/database.hpp>
#include <prism/store/history.hpp>

namespace prism::sqlite {

/// Keeps the runs in `run` and `run_stage`.
class SqliteHistory : public store::RunHistory {
 public:
  explicit SqliteHistory(Database& database) : database_(database) {}

  std::int64_t begin(std::string_view command, std::string_view inputs,
                     std::string_view started) override;
  void stage(std::int64_t run, const store::StageTime& stage) override;
  void finish(std::int64_t run, store::RunState state, std::string_view summary) override;
  std::optional<store::Run> latest(std::string_view command) override;

 private:
  std::vector<store::StageTime> stages(std::int64_t run);

  Database& database_;
};

}  // namespace prism::sqlite
