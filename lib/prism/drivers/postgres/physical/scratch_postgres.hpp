#pragma once

#include <filesystem>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/files.hpp>
#include <prism/base/process.hpp>
#include <prism/drivers/postgres/physical/cluster_record.hpp>
#include <prism/drivers/postgres/tools.hpp>

namespace prism::postgres {

/// A server on a data folder, for as long as this object lives: on a Unix socket that only its user
/// can reach, without archiving, and with no configuration of its source's but what is in
/// `postgresql.auto.conf` and harmless. As root it is run by the user `postgres`.
class ScratchPostgres {
 public:
  /// `place` is a folder for its socket. Returns once it has replayed what it has to. Throws
  /// Error(bad_data) with its words where it ends before that.
  ScratchPostgres(const Tool& program, const std::filesystem::path& data,
                  const std::filesystem::path& place, const ClusterRecord& record,
                  const Cancel& cancel);
  ~ScratchPostgres();
  ScratchPostgres(const ScratchPostgres&) = delete;
  ScratchPostgres& operator=(const ScratchPostgres&) = delete;

  /// What pg_amcheck says of all databases: empty where nothing is wrong.
  std::string check(const Tool& amcheck) const;

 private:
  bool is_ready() const;

  std::filesystem::path place_;
  std::string user_;
  const Cancel& cancel_;
  ChildProcess process_;
};

}  // namespace prism::postgres
