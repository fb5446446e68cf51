#pragma once

#include <string>
#include <vector>

#include <prism/drivers/postgres/wal/receive.hpp>

#include "session.hpp"

namespace prismctl {

struct ReceiveWalOptions {
  std::vector<std::string> targets;  ///< empty: all that are PostgreSQL
  std::string slot;                  ///< empty: none
  bool once = false;
};

/// What came of one target.
struct ReceivedTarget {
  std::string name;
  prism::postgres::Received received;
  int code = 0;  ///< else of the error
  std::string error, hint;
};

/// Receives the WAL of all targets side by side, each cluster once however many of its databases
/// are named. With `once` each comes to its own end; else the end of one ends all. Targets that are
/// no PostgreSQL are an Error(usage).
std::vector<ReceivedTarget> receive_wal(std::vector<prism::config::Target> targets,
                                        const ReceiveWalOptions& options, Session& session);

Json to_json(const std::vector<ReceivedTarget>& all);
/// A line for each.
void tell(const std::vector<ReceivedTarget>& all, Session& session);

/// 2 where one has failed.
int receive_wal(const ReceiveWalOptions& options, Session& session);

}  // namespace prismctl
