#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/scan.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {

void scan_keys(Connection& server, std::string_view pattern,
               const std::function<void(std::string_view key)>& take) {
  std::string command;
  const auto ask = [&](std::string_view cursor) {
    command.clear();
    append_command(command, {"SCAN", cursor, "MATCH", pattern, "COUNT", "5000"});
    server.send(command);
  };
  ask("0");
  for (;;) {
    const auto reply = server.receive_good();
    if (reply->items.size() != 2) throw trouble("no answer to SCAN", server.where());
    // The server looks for the next keys while we look at these.
    const bool more = reply->items[0]->text != "0";
    if (more) ask(reply->items[0]->text);
    for (const auto& key : reply->items[1]->items) take(key->text);
    if (!more) return;
  }
}

}  // namespace prism::redis
