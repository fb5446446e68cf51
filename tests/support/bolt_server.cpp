#include "support/bolt_server.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

namespace prism::test {

using neo4j::Map;
using neo4j::Value;

// ---- BoltPeer -----------------------------------------------------------------------------------

Value BoltPeer::Message::entry(std::string_view key) const {
  for (const Value& field : fields) {
    const Map* const map = field.get<Map>();
    const Value* const found = map == nullptr ? nullptr : map->find(key);
    if (found != nullptr) return *found;
  }
  return {};
}

std::string BoltPeer::read_bytes(std::size_t size) const {
  std::string bytes(size, '\0');
  const ssize_t got = ::recv(fd_, bytes.data(), size, 0);
  if (got <= 0) throw Gone();
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

std::string BoltPeer::handshake(std::string_view answer) {
  std::string offer;
  while (offer.size() < 20) offer += read_bytes(20 - offer.size());
  send(answer);
  return offer;
}

void BoltPeer::welcome(Map hints) {
  handshake();
  expect({0x01, 0x6A});
  success({{{"server", "Neo4j/test"}, {"connection_id", "bolt-1"}, {"hints", std::move(hints)}}});
  success();
}

BoltPeer::Message BoltPeer::receive() {
  while (inbox_.empty()) inbox_.feed(read_bytes(65'536));
  neo4j::Unpacker unpacker(inbox_.front());
  const auto header = unpacker.structure();
  Message message{header.tag, {}};
  for (std::size_t i = 0; i < header.fields; ++i) message.fields.push_back(unpacker.value());
  inbox_.pop();
  if (message.tag == 0x02) throw Gone();
  return message;
}

void BoltPeer::expect(std::initializer_list<std::uint8_t> tags) {
  for (const int tag : tags) {
    const int found = receive().tag;
    CHECK(found == tag);
  }
}

bool BoltPeer::is_quiet(int milliseconds) const {
  pollfd one{fd_, POLLIN, 0};
  return inbox_.empty() && ::poll(&one, 1, milliseconds) == 0;
}

void BoltPeer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw Gone();
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string BoltPeer::packed(std::uint8_t tag, const Value& field) {
  std::string message;
  neo4j::Packer packer(message);
  packer.structure(tag, 1);
  packer.value(field);
  std::string bytes;
  neo4j::append_chunks(bytes, {message});
  return bytes;
}

void BoltPeer::ignored() const { send({"\0\2\xB0\x7E\0\0", 6}); }

void BoltPeer::failure(const std::string& code, const std::string& words) const {
  message(0x7F, Map{{{"code", code}, {"message", words}}});
}

void BoltPeer::hold(int milliseconds) const {
  char byte = 0;
  for (pollfd one{fd_, POLLIN, 0}; ::poll(&one, 1, milliseconds) > 0;) {
    if (::recv(fd_, &byte, 1, 0) <= 0) return;
  }
}

// ---- BoltServer ---------------------------------------------------------------------------------

BoltServer::BoltServer(Script script)
    : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  ::listen(listener_.get(), 16);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { serve(); });
}

BoltServer::~BoltServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (const FileDescriptor& fd : open_) ::shutdown(fd.get(), SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
}

std::size_t BoltServer::connections() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

void BoltServer::serve() {
  for (;;) {
    FileDescriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd.valid()) return;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, fd = fd.get(), number = open_.size()] {
      BoltPeer peer(fd, number, endpoint().text());
      try {
        script_(peer);
      } catch (const BoltPeer::Gone&) {
      }
      ::shutdown(fd, SHUT_RDWR);
      ++closed_;
    });
    open_.push_back(std::move(fd));
  }
}

}  // namespace prism::test
