#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/files.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/drivers/redis/connection.hpp>

#include "support/quiet.hpp"

namespace prism::test {

/// A connection that sees Redis from outside, as redis-cli would.
class RedisCli {
 public:
  explicit RedisCli(const std::string& url);

  /// The answer to a command; an error too.
  std::unique_ptr<redis::Reply> operator()(redis::Connection::Words words) {
    return connection_->ask(words);
  }
  std::string text(redis::Connection::Words words) { return connection_->ask(words)->text; }
  std::int64_t integer(redis::Connection::Words words) { return connection_->ask(words)->integer; }
  /// The items of a list, in order of their text.
  std::vector<std::string> sorted(redis::Connection::Words words);

 private:
  Cancel cancel_;
  std::unique_ptr<redis::Connection> connection_;
};

/// A database for one test case on a server that scripts/services started, empty at first and at
/// the end. Of servers with a single database, or few, one test case at a time has all.
class RedisDatabase {
 public:
  /// `variable` is of scripts/services, such as PRISM_TEST_REDIS.
  explicit RedisDatabase(const std::string& variable);
  ~RedisDatabase();
  RedisDatabase(const RedisDatabase&) = delete;
  RedisDatabase& operator=(const RedisDatabase&) = delete;

  const std::string& url() const { return url_; }
  /// For TLS: with the certificate authority of the tests.
  drivers::OpenOptions options() const;
  std::unique_ptr<cache::CacheSink> open(bool swap = false);
  Quiet& quiet() { return quiet_; }

 private:
  void empty() const;

  std::string url_;
  std::vector<std::string> flushed_;  ///< URLs of the servers
  FileDescriptor lock_;
  Quiet quiet_;
};

}  // namespace prism::test
