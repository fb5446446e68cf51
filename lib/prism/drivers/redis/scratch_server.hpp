#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/files.hpp>
#include <prism/base/log.hpp>
#include <prism/base/process.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/redis/address.hpp>
#include <prism/drivers/redis/connection.hpp>

namespace prism::redis {

/// A redis-server that is started for one test and ends with this object. It listens on a socket in
/// a folder that is ours alone, and writes nothing but what it is asked for.
class ScratchServer {
 public:
  /// `rdb`, if it is not empty, is a file in a folder of its own, which the server loads. Throws
  /// Error(configuration) when there is no redis-server, Error(bad_data) where it won't have the
  /// file.
  ScratchServer(const std::filesystem::path& parent, const std::filesystem::path& rdb, Log& log,
                const Cancel& cancel);

  const Address& address() const { return address_; }

  /// Of all that it holds, whatever its order and encoding: DEBUG DIGEST.
  std::string digest();

 private:
  Connection connect();

  Log& log_;
  const Cancel& cancel_;
  TemporaryFolder folder_;
  Address address_;
  ChildProcess process_;
};

}  // namespace prism::redis
