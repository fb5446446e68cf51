#include <chrono>
#include <map>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/redis/restore_record.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {

void write_restore_record(Deployment& servers, const std::string& what) {
  const std::string now = format_utc(std::chrono::system_clock::now());
  // One of an earlier restore is there all the time.
  servers.call(kRestoreRecord,
               {"HSET", kRestoreRecord, "started", now, "host", host_name(), "what", what});
}

void remove_restore_record(Deployment& servers) {
  servers.call(kRestoreRecord, {"DEL", kRestoreRecord});
}

std::optional<std::string> read_restore_record(Deployment& servers) {
  std::unique_ptr<Reply> reply;
  servers.on_server_of(kRestoreRecord, [&](Connection& server) {
    reply = server.ask({"HGETALL", kRestoreRecord});
    const bool is_forbidden = reply->error_name() == "NOPERM";
    if (reply->is_error() && !is_forbidden) throw trouble(reply->text, server.where());
  });
  if (reply->items.empty()) return {};
  std::map<std::string_view, std::string_view> fields;
  for (std::size_t i = 0; i + 1 < reply->items.size(); i += 2) {
    fields[reply->item_text(i)] = reply->item_text(i + 1);
  }
  return "a restore of " + std::string(fields["what"]) + ", begun " +
         std::string(fields["started"]) + " on " + std::string(fields["host"]) +
         ", did not come to its end";
}

}  // namespace prism::redis
