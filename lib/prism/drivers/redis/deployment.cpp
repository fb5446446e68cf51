#include <prism/base/backoff.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/redirection.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {

Deployment::Deployment(Address address, Login login, Milliseconds wait, Log& log,
                       const Cancel& cancel)
    : address_(std::move(address)),
      login_(std::move(login)),
      patience_(wait),
      log_(log),
      cancel_(cancel) {
  refresh();
}

void Deployment::refresh() {
  connections_.clear();
  std::vector<Endpoint> known = topology_.others;
  for (const auto& primary : topology_.primaries) known.push_back(primary.endpoint);
  topology_ = find_topology(address_, known, {login_, patience_, log_, cancel_});
}

Connection& Deployment::primary(std::size_t index) {
  return at(topology_.primaries[index].endpoint);
}

Connection& Deployment::at(const Endpoint& endpoint) {
  auto& connection = connections_[endpoint.text()];
  if (!connection) {
    // Where there is a failover, another server is asked for rather than waited for this one.
    const Milliseconds wait = has_failover() ? Milliseconds(0) : patience_;
    connection = std::make_unique<Connection>(connect(endpoint, login_, wait, log_, cancel_));
  }
  return *connection;
}

void Deployment::on_server_of(std::string_view key, const std::function<void(Connection&)>& work) {
  on_server_of(slot_of(key), work);
}

void Deployment::on_server_of(std::uint16_t slot, const std::function<void(Connection&)>& work) {
  Backoff backoff(patience_, cancel_);
  for (;;) {
    try {
      return work(primary(topology_.owner(slot)));
    } catch (const Error& e) {
      connections_.clear();
      if (e.code() != ErrorCode::unavailable || !has_failover() || !backoff.pause()) throw;
      refresh();
    }
  }
}

std::unique_ptr<Reply> Deployment::call(std::string_view key, Words words) {
  std::string command;
  append_command(command, words);
  return call_raw(slot_of(key), command);
}

std::unique_ptr<Reply> Deployment::call_raw(std::uint16_t slot, std::string_view command) {
  std::unique_ptr<Reply> reply;
  on_server_of(slot, [&](Connection& server) {
    server.send(command);
    reply = server.receive();
    if (reply->error_name() == "ASK") reply = follow(reply->text, command);
    if (reply->is_error()) throw trouble(reply->text, server.where());
  });
  return reply;
}

std::unique_ptr<Reply> Deployment::follow(const std::string& ask, std::string_view command) {
  Connection& server = at(redirection(ask, address_.endpoints.front().host).endpoint);
  server.call({"ASKING"});
  server.send(command);
  return server.receive();
}

}  // namespace prism::redis
