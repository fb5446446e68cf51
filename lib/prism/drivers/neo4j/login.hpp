#pragma once

#include <string>

#include <prism/base/socket.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/neo4j/address.hpp>

namespace prism::neo4j {

/// How every server of an address is entered: with a token where there is one (bearer), else with
/// user and password (basic), else without (none).
struct PRISM_API Login {
  std::string user;
  std::string password;
  std::string token;
  std::string database;  ///< empty: the user's home database
  bool routed = false;   ///< the server is asked for others
  SocketOptions socket;

  Login(const Address& address, const config::Neo4jSettings& settings);
};

}  // namespace prism::neo4j
