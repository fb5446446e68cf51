#include "support/consul.hpp"

#include <stdexcept>

#include <prism/base/http.hpp>
#include <prism/drivers/consul/component.hpp>

#include "support/s3.hpp"
#include "support/text_stream.hpp"

namespace prism::test {
namespace {

using Json = nlohmann::json;

/// Without what is about a moment, in one order.
Json essence(const Json& list, const std::string& key) {
  Json kept = Json::object();
  for (Json one : list) {
    for (const char* const passing : {"CreateIndex", "ModifyIndex", "Hash", "CreateTime"}) {
      one.erase(passing);
    }
    kept[one.at(key).get<std::string>()] = one;
  }
  return kept;
}

}  // namespace

std::string ConsulServer::ask(const std::string& method, const std::string& path,
                              std::string_view body) const {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  static const Cancel never;
  TextSource source(body);
  prism::HttpRequest request{
      method, url_ + path, {}, body.empty() && method != "PUT" ? nullptr : &source};
  if (!token_.empty()) request.headers.emplace_back("X-Consul-Token", token_);
  HttpExchange exchange(request, {}, never);
  std::string text = exchange.text(kMost);
  if (exchange.status() == 200 || exchange.status() == 404) return text;
  throw std::runtime_error(method + " " + path + ": " + text);
}

Json ConsulServer::get(const std::string& path) const {
  const std::string text = ask("GET", path);
  return text.empty() ? Json::array() : Json::parse(text);
}

std::string ConsulServer::state() const {
  Json state;
  state["kv"] = essence(get("/v1/kv/?recurse=true&consistent"), "Key");
  state["config"] = essence(get("/v1/config/service-defaults"), "Name");
  state["services"] = get("/v1/catalog/services");
  if (!token_.empty()) {
    state["policies"] = essence(get("/v1/acl/policies"), "ID");
    state["tokens"] = essence(get("/v1/acl/tokens"), "AccessorID");
  }
  return state.dump();
}

consul::ClientOptions ConsulServer::options() const {
  return {{url_.starts_with("https"), host()}, {.token = token_}, {}};
}

std::unique_ptr<backup::Component> ConsulServer::target(Quiet& quiet,
                                                        const std::string& host) const {
  consul::ComponentOptions options{this->options()};
  if (!host.empty()) options.client.address.server = host;
  return consul::open_component(options, quiet.log(), quiet.cancel());
}

void fill_consul(const ConsulServer& server) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  server.put("/v1/kv/binary?flags=18446744073709551615", every_byte);
  server.put("/v1/kv/empty");
  server.put("/v1/kv/folder/");
  server.put("/v1/kv/folder/with%20space/%C3%A4?flags=42", "value");
  server.put("/v1/kv/large", many_bytes(500'000));
  for (int i = 0; i < 50; ++i) {
    server.put("/v1/kv/many/" + std::to_string(i), "value " + std::to_string(i));
  }
  server.put("/v1/config", R"({"Kind":"service-defaults","Name":"web","Protocol":"http"})");
  server.put("/v1/catalog/register",
             R"({"Node":"outside","Address":"10.1.2.3","Service":{"Service":"db","Port":5432}})");
  server.ask("POST", "/v1/query", R"({"Name":"web","Service":{"Service":"web"}})");
}

std::string fill_consul_acl(const ConsulServer& server) {
  server.put("/v1/acl/policy", R"({"Name":"read","Rules":"key_prefix \"\" {policy=\"read\"}"})");
  server.put("/v1/acl/role", R"({"Name":"reader","Policies":[{"Name":"read"}]})");
  server.put("/v1/acl/token", R"({"Description":"one","Policies":[{"Name":"read"}]})");
  const std::string token =
      server.ask("PUT", "/v1/acl/token", R"({"Description":"two","Policies":[{"Name":"read"}]})");
  return Json::parse(token).at("SecretID");
}

void fill_consul_more(const ConsulServer& server) {
  constexpr std::size_t kSize = 400'000;
  for (std::uint64_t i = 0; i < 10; ++i) {
    server.put("/v1/kv/filler/" + std::to_string(i), many_bytes(kSize, i + 100));
  }
}

}  // namespace prism::test
