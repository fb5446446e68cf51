#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <prism/base/files.hpp>
#include <prism/base/socket.hpp>
#include <prism/drivers/neo4j/chunks.hpp>
#include <prism/drivers/neo4j/handshake.hpp>
#include <prism/drivers/neo4j/value.hpp>

namespace prism::test {

/// The server's end of one connection, in a test of a Bolt client.
class BoltPeer {
 public:
  /// Ends the script: the client said farewell or closed the connection.
  struct Gone {};

  /// A message of the client.
  struct Message {
    std::uint8_t tag = 0;
    neo4j::List fields;

    /// An entry of the first field that is a map and has it.
    neo4j::Value entry(std::string_view key) const;
  };

  BoltPeer(int fd, std::size_t number, std::string where)
      : number(number), where(std::move(where)), fd_(fd) {}

  /// Which connection of the server it is, from 0.
  const std::size_t number;
  const std::string where;  ///< the server, host:port

  /// Takes the client's offer and answers it.
  std::string handshake(std::string_view answer = {"\0\0\x04\x05", 4});
  /// The handshake and the login, of Bolt 5.4 with these hints.
  void welcome(neo4j::Map hints = {});

  /// Waits for the next one.
  Message receive();
  /// Waits for messages of these tags, in that order.
  void expect(std::initializer_list<std::uint8_t> tags);
  /// Whether the client sends nothing for that long.
  bool is_quiet(int milliseconds) const;

  void send(std::string_view bytes) const;
  /// A message with one field as it goes over the wire.
  static std::string packed(std::uint8_t tag, const neo4j::Value& field);
  void message(std::uint8_t tag, const neo4j::Value& field) const { send(packed(tag, field)); }
  void success(neo4j::Map metadata = {}) const { message(0x70, std::move(metadata)); }
  void record(neo4j::List fields) const { message(0x71, std::move(fields)); }
  void ignored() const;
  void failure(const std::string& code, const std::string& words = "words") const;
  void noop() const { send({"\0\0", 2}); }
  /// Until the client closes, or that long.
  void hold(int milliseconds = 30'000) const;

 private:
  std::string read_bytes(std::size_t size) const;

  int fd_;
  neo4j::Inbox inbox_{std::size_t{1} << 26};
};

/// Listens on the loopback; calls the script for each connection, in a thread of its own, and
/// closes it when the script ends.
class BoltServer {
 public:
  using Script = std::function<void(BoltPeer&)>;

  explicit BoltServer(Script script);
  ~BoltServer();
  BoltServer(const BoltServer&) = delete;
  BoltServer& operator=(const BoltServer&) = delete;

  Endpoint endpoint() const { return {.host = "127.0.0.1", .port = port_}; }
  std::string url(const std::string& scheme = "bolt") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }
  std::size_t connections() const;
  /// How many of them it has closed.
  std::size_t closed() const { return closed_; }

 private:
  void serve();

  Script script_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<FileDescriptor> open_;
  std::atomic<std::size_t> closed_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace prism::test
