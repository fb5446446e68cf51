#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include <prism/base/socket.hpp>
#include <prism/drivers/neo4j/chunks.hpp>

namespace prism::neo4j {

/// Messages over a socket. A loss of the connection is thrown as Failure. Whatever it throws: after
/// that the wire is broken and of no more use.
class Wire {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// `silence`: how long the server may say nothing; 0: for ever.
  Wire(Socket socket, Milliseconds silence);

  /// Appends a message, given in parts. What is large is sent in pieces, and never copied as a
  /// whole.
  void put(std::initializer_list<std::string_view> parts);
  /// Sends all of it. What comes in meanwhile is kept, so that a server that waits for us to read
  /// does not block both.
  void flush();
  /// Sends what goes without waiting, such as a farewell.
  void flush_some() noexcept;

  /// Waits until something has come, if only a NOOP, and takes it into the inbox.
  void receive();
  /// Takes what is there already. False: nothing.
  bool receive_some();

  Inbox& inbox() { return inbox_; }
  bool broken() const { return broken_; }
  void set_silence(Milliseconds silence) { silence_ = silence; }
  const Endpoint& endpoint() const { return socket_.endpoint(); }

 private:
  template <typename Step>
  auto step(Step&& step);
  bool take_some();
  void write_all();

  Socket socket_;
  Milliseconds silence_;
  Inbox inbox_;
  std::string out_;
  bool broken_ = false;
};

}  // namespace prism::neo4j
