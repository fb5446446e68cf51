#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <prism/drivers/neo4j/handshake.hpp>
#include <prism/drivers/neo4j/login.hpp>
#include <prism/drivers/neo4j/query.hpp>

namespace prism::neo4j {

/// The tags of messages.
namespace message {

constexpr std::uint8_t kHello = 0x01;
constexpr std::uint8_t kGoodbye = 0x02;
constexpr std::uint8_t kReset = 0x0F;
constexpr std::uint8_t kRun = 0x10;
constexpr std::uint8_t kBegin = 0x11;
constexpr std::uint8_t kCommit = 0x12;
constexpr std::uint8_t kRollback = 0x13;
constexpr std::uint8_t kDiscard = 0x2F;
constexpr std::uint8_t kPull = 0x3F;
constexpr std::uint8_t kRoute = 0x66;
constexpr std::uint8_t kLogon = 0x6A;

constexpr std::uint8_t kSuccess = 0x70;
constexpr std::uint8_t kRecord = 0x71;
constexpr std::uint8_t kIgnored = 0x7E;
constexpr std::uint8_t kFailure = 0x7F;

}  // namespace message

/// How a transaction is begun.
struct Begin {
  AccessMode mode = AccessMode::write;
  std::span<const std::string> bookmarks = {};  ///< what it must see
  std::string_view metadata = {};               ///< a packed map, for SHOW TRANSACTIONS
};

// Messages of the client, packed. docs: neo4j.com/docs/bolt/current/bolt/message

/// GOODBYE, RESET, COMMIT or ROLLBACK.
std::string plain_message(std::uint8_t tag);

/// With the login before Bolt 5.1; since then logon_message() follows.
std::string hello_message(Version version, const Login& login, const Endpoint& server);
std::string logon_message(const Login& login);

std::string begin_message(const Begin& begin, const std::string& database);

/// A RUN up to the parameters, and what comes behind them: empty extras within a transaction.
std::string run_head(std::string_view cypher);
std::string run_extras(const Begin& begin, const std::string& database);

/// PULL or DISCARD of so many records; -1: all.
std::string fetch_message(std::uint8_t tag, std::int64_t records);

std::string route_message(const Endpoint& server, std::span<const std::string> bookmarks,
                          const std::string& database);

}  // namespace prism::neo4j
