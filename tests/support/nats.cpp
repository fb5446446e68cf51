#include "support/nats.hpp"

#include <algorithm>
#include <stdexcept>

#include <prism/base/sha256.hpp>
#include <prism/drivers/nats/component.hpp>

#include "support/wait.hpp"

namespace prism::test {
namespace {

using Json = NatsClient::Json;

constexpr std::int64_t kTimeout = 10'000;          // ms
constexpr std::int64_t kHour = 3'600'000'000'000;  // ns

void require(natsStatus status, const std::string& what) {
  if (status != NATS_OK) throw std::runtime_error(what + ": " + natsStatus_GetText(status));
}

struct FreeMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using OwnedMessage = std::unique_ptr<natsMsg, FreeMessage>;

std::string data_of(const OwnedMessage& message) {
  return {natsMsg_GetData(message.get()),
          static_cast<std::size_t>(natsMsg_GetDataLength(message.get()))};
}

/// Of all bytes.
std::string binary(std::size_t size, std::uint32_t seed) {
  std::string text;
  for (std::uint32_t x = seed; text.size() < size;) {
    x = x * 1664525 + 1013904223;
    text += static_cast<char>(x >> 24);
  }
  return text;
}

/// The library that publishes has an order of its own.
Json sorted_headers(const Json& message) {
  if (!message.contains("hdrs")) return {};
  const std::string text = message.at("hdrs");
  // Base64 of the same headers in another order differs: the lines are compared.
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(c));
    if ((count += 6) >= 8) bytes += static_cast<char>(bits >> (count -= 8));
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto end = std::min(bytes.find("\r\n", at), bytes.size());
    lines.push_back(bytes.substr(at, end - at));
    at = end + 2;
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

Json state_of_consumer(const Json& info, bool in_memory) {
  Json config = info.at("config"), delivered = info.at("delivered"), floor = info.at("ack_floor");
  delivered.erase("last_active");
  floor.erase("last_active");
  if (!in_memory) {
    return {{"config", config},
            {"delivered", delivered},
            {"ack_floor", floor},
            {"num_ack_pending", info.at("num_ack_pending")},
            {"num_pending", info.at("num_pending")}};
  }
  // Made anew, it goes on behind its floor.
  config.erase("deliver_policy");
  config.erase("opt_start_seq");
  const bool is_new = delivered.at("consumer_seq") == 0;
  return {{"config", config}, {"floor", (is_new ? delivered : floor).at("stream_seq")}};
}

}  // namespace

NatsClient::NatsClient(const std::string& url) {
  natsConnection* made = nullptr;
  require(natsConnection_ConnectTo(&made, url.c_str()), "connecting");
  connection_.reset(made);
}

std::string NatsClient::request(const std::string& subject, const std::string& body) {
  natsMsg* answer = nullptr;
  require(natsConnection_Request(&answer, connection_.get(), subject.c_str(), body.data(),
                                 static_cast<int>(body.size()), kTimeout),
          subject);
  return data_of(OwnedMessage(answer));
}

Json NatsClient::ask(const std::string& subject, const Json& body) {
  return Json::parse(request("$JS.API." + subject, body.is_null() ? "" : body.dump()));
}

Json NatsClient::call(const std::string& subject, const Json& body) {
  Json answer = ask(subject, body);
  if (answer.contains("error")) throw std::runtime_error(subject + ": " + answer.dump());
  return answer;
}

std::uint64_t NatsClient::publish(const std::string& subject, std::string_view data,
                                  const Headers& headers) {
  natsMsg* made = nullptr;
  require(
      natsMsg_Create(&made, subject.c_str(), nullptr, data.data(), static_cast<int>(data.size())),
      subject);
  const OwnedMessage message(made);
  for (const auto& [name, value] : headers) {
    require(natsMsgHeader_Add(made, name.c_str(), value.c_str()), subject);
  }
  natsMsg* answer = nullptr;
  require(natsConnection_RequestMsg(&answer, connection_.get(), made, kTimeout), subject);
  const Json json = Json::parse(data_of(OwnedMessage(answer)));
  if (json.contains("error")) throw std::runtime_error(subject + ": " + json.dump());
  return json.at("seq");
}

void NatsClient::add_stream(const std::string& name, Json config) {
  config["name"] = name;
  if (!config.contains("retention")) config["retention"] = "limits";
  if (!config.contains("storage")) config["storage"] = "file";
  config["num_replicas"] = 1;
  call("STREAM.CREATE." + name, config);
}

void NatsClient::add_consumer(const std::string& stream, const std::string& name, Json config) {
  config["durable_name"] = name;
  config["ack_wait"] = kHour;
  if (!config.contains("ack_policy")) config["ack_policy"] = "explicit";
  if (!config.contains("deliver_policy")) config["deliver_policy"] = "all";
  call("CONSUMER.DURABLE.CREATE." + stream + "." + name,
       {{"stream_name", stream}, {"config", config}});
}

void NatsClient::take(const std::string& stream, const std::string& consumer, int count,
                      const std::vector<int>& acknowledged) {
  natsInbox* inbox = nullptr;
  require(natsInbox_Create(&inbox), "inbox");
  const std::unique_ptr<natsInbox, void (*)(natsInbox*)> owned(inbox, natsInbox_Destroy);
  natsSubscription* made = nullptr;
  require(natsConnection_SubscribeSync(&made, connection_.get(), inbox), "subscribing");
  const std::unique_ptr<natsSubscription, void (*)(natsSubscription*)> subscription(
      made, natsSubscription_Destroy);
  const std::string body = Json{{"batch", count}}.dump();
  const std::string subject = "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer;
  require(natsConnection_PublishRequest(connection_.get(), subject.c_str(), inbox, body.data(),
                                        static_cast<int>(body.size())),
          subject);
  for (int i = 0; i < count; ++i) {
    natsMsg* message = nullptr;
    require(natsSubscription_NextMsg(&message, made, kTimeout), "taking");
    const OwnedMessage taken(message);
    if (std::find(acknowledged.begin(), acknowledged.end(), i) == acknowledged.end()) continue;
    // Answered, so that the server has it.
    request(natsMsg_GetReply(message), "+ACK");
  }
}

std::vector<std::string> NatsClient::streams() {
  std::vector<std::string> names;
  const Json answer = call("STREAM.NAMES");
  if (answer.at("streams").is_null()) return names;
  for (const Json& name : answer.at("streams")) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string NatsClient::state() {
  std::string text;
  for (const std::string& name : streams()) {
    const Json info = call("STREAM.INFO." + name, {{"deleted_details", true}});
    const bool in_memory = info.at("config").at("storage") == "memory";
    const Json& state = info.at("state");
    const std::uint64_t last = state.at("last_seq");
    text += Json{{"config", info.at("config")},
                 {"messages", state.at("messages")},
                 {"first", state.at("first_seq")},
                 {"last", last},
                 {"deleted", state.value("deleted", Json::array())}}
                .dump() +
            "\n";
    for (std::uint64_t sequence = 1; sequence <= last;) {
      const Json answer = ask("STREAM.MSG.GET." + name, {{"seq", sequence}, {"next_by_subj", ">"}});
      if (answer.contains("error")) break;
      Json message = answer.at("message");
      sequence = message.at("seq").get<std::uint64_t>() + 1;
      message["hdrs"] = sorted_headers(message);
      message["data"] = sha256_hex(message.value("data", ""));
      if (in_memory) message.erase("time");
      text += message.dump() + "\n";
    }
    Json consumers = call("CONSUMER.LIST." + name).at("consumers");
    std::vector<std::string> lines;
    for (const Json& consumer : consumers) {
      const Json& config = consumer.at("config");
      if (!config.contains("durable_name")) continue;
      const bool volatile_one = in_memory || config.value("mem_storage", false);
      lines.push_back(state_of_consumer(consumer, volatile_one).dump() + "\n");
    }
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) text += line;
  }
  return text;
}

void NatsClient::remove_all() {
  for (const std::string& name : streams()) call("STREAM.DELETE." + name);
}

namespace {

void fill_orders(NatsClient& client) {
  client.add_stream("ORDERS", {{"subjects", {"orders.>"}}, {"description", "all of them"}});
  for (std::uint32_t i = 1; i <= 120; ++i) {
    const std::string number = std::to_string(i);
    client.publish("orders.new." + number, binary(i * 7 % 900, i),
                   {{"Order", number}, {"Nats-Msg-Id", "order-" + number}, {"Empty", ""}});
  }
  for (const int sequence : {1, 17, 18, 60, 120}) {
    client.call("STREAM.MSG.DELETE.ORDERS", {{"seq", sequence}});
  }
  client.add_consumer("ORDERS", "billing");
  client.take("ORDERS", "billing", 20, {0, 1, 2, 5, 9});
  client.add_consumer("ORDERS", "shipping",
                      {{"deliver_subject", "ship.orders"},
                       {"ack_policy", "all"},
                       {"filter_subject", "orders.new.5"}});
  client.add_consumer("ORDERS", "volatile", {{"mem_storage", true}});
  client.take("ORDERS", "volatile", 4, {0, 1, 2, 3});
}

/// As clients of such buckets have them.
void fill_buckets(NatsClient& client) {
  client.add_stream("KV_settings", {{"subjects", {"$KV.settings.>"}},
                                    {"max_msgs_per_subject", 2},
                                    {"discard", "new"},
                                    {"allow_rollup_hdrs", true},
                                    {"deny_delete", true},
                                    {"allow_direct", true}});
  for (const char* const value : {"one", "two", "three"}) {
    client.publish("$KV.settings.colour", value);
    client.publish("$KV.settings.size", value);
  }
  client.publish("$KV.settings.gone", "x");
  client.publish("$KV.settings.gone", "", {{"KV-Operation", "DEL"}});
  client.add_stream("OBJ_files", {{"subjects", {"$O.files.C.>", "$O.files.M.>"}},
                                  {"discard", "new"},
                                  {"allow_rollup_hdrs", true},
                                  {"allow_direct", true}});
  for (std::uint32_t i = 0; i < 3; ++i) {
    client.publish("$O.files.C.abc", binary(128 * 1024, i));
  }
  client.publish("$O.files.M.bmFtZQ==", R"({"name":"name","chunks":3})", {{"Nats-Rollup", "sub"}});
}

void fill_memory(NatsClient& client) {
  client.add_stream("EVENTS", {{"subjects", {"events.*"}},
                               {"storage", "memory"},
                               {"max_msgs", 100},
                               {"discard", "new"},
                               {"deny_delete", false}});
  for (std::uint32_t i = 1; i <= 60; ++i) {
    client.publish("events." + std::to_string(i % 7), binary(i * 11, i),
                   {{"Number", std::to_string(i)}, {"Twice", "a"}, {"Twice", "b"}});
  }
  client.call("STREAM.PURGE.EVENTS", {{"seq", 6}});
  for (const int sequence : {10, 20, 21, 22, 60}) {
    client.call("STREAM.MSG.DELETE.EVENTS", {{"seq", sequence}});
  }
  client.add_consumer("EVENTS", "watcher");
  client.take("EVENTS", "watcher", 6, {0, 1, 2});
  client.add_stream("GONE", {{"subjects", {"gone"}}, {"storage", "memory"}});
  client.publish("gone", "x");
  client.call("STREAM.PURGE.GONE");
}

}  // namespace

void fill_nats(const std::string& url) {
  NatsClient client(url);
  fill_orders(client);
  fill_buckets(client);
  fill_memory(client);
  client.add_stream("WORK", {{"subjects", {"work.>"}}, {"retention", "workqueue"}});
  for (int i = 1; i <= 30; ++i) client.publish("work.todo", std::to_string(i));
  client.add_consumer("WORK", "worker");
  client.take("WORK", "worker", 10, {0, 1, 4});
  client.add_stream("Größe", {{"subjects", {"größe"}}});
  client.publish("größe", "1,80 m");
  client.call("STREAM.PURGE.Größe");
  client.add_stream("A_COPY", {{"mirror", {{"name", "ORDERS"}}}});
  if (!comes_true([&] {
        return client.call("STREAM.INFO.A_COPY").at("state").at("messages") ==
               client.call("STREAM.INFO.ORDERS").at("state").at("messages");
      })) {
    throw std::runtime_error("the mirror has not come to its end");
  }
}

void change_nats(const std::string& url) {
  NatsClient client(url);
  client.call("STREAM.DELETE.A_COPY");
  client.call("STREAM.MSG.DELETE.ORDERS", {{"seq", 50}});
  client.publish("orders.new.999", "later");
  client.take("ORDERS", "billing", 5, {0, 1, 2, 3, 4});
  client.publish("$KV.settings.colour", "green");
  client.call("STREAM.PURGE.OBJ_files");
  client.publish("events.1", "later");
  client.call("CONSUMER.DELETE.EVENTS.watcher");
  client.call("STREAM.DELETE.WORK");
  client.add_stream("NEWER", {{"subjects", {"newer.>"}}});
  client.publish("newer.1", "x");
}

std::unique_ptr<backup::Component> nats_target(const std::string& url, Quiet& quiet, bool exact) {
  return nats::open_component({.address = nats::parse_address(url), .exact = exact}, quiet.log(),
                              quiet.cancel());
}

}  // namespace prism::test
