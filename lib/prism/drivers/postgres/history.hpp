#pragma once

#include <prism/drivers/postgres/connections.hpp>
#include <prism/store/history.hpp>

namespace prism::postgres {

/// Keeps the runs in `run` and `run_stage`.
class PostgresHistory : public store::RunHistory {
 public:
  explicit PostgresHistory(Connections& connections) : connections_(connections) {}

  std::int64_t begin(std::string_view command, std::string_view inputs,
                     std::string_view started) override;
  void stage(std::int64_t run, const store::StageTime& stage) override;
  void finish(std::int64_t run, store::RunState state, std::string_view summary) override;
  std::optional<store::Run> latest(std::string_view command) override;

 private:
  Connections& connections_;
};

}  // namespace prism::postgres
