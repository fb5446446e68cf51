#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/tool_address.hpp>

namespace prism::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConninfoOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

ConninfoOptions parse(const Address& address) {
  ConninfoOptions options(PQconninfoParse(address.conninfo.c_str(), nullptr));
  if (!options) throw Error(ErrorCode::internal, "the address of a database can't be read");
  return options;
}

template <typename Take>
void each(const PQconninfoOption* options, Take&& take) {
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') take(*option);
  }
}

void add(std::string& conninfo, std::string_view key, std::string_view value) {
  conninfo += fmt::format("{}{}='", conninfo.empty() ? "" : " ", key);
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += '\'';
}

std::string value_of(const PQconninfoOption* options, std::string_view key) {
  std::string value;
  each(options, [&](const PQconninfoOption& option) {
    if (key == option.keyword) value = option.val;
  });
  return value;
}

/// How libpq marks what a window would not show.
bool is_secret(const PQconninfoOption& option) {
  return std::string_view(option.dispchar) == "*" ||
         std::string_view(option.keyword).find("password") != std::string_view::npos;
}

[[noreturn]] void refuse_secret(std::string_view keyword) {
  throw Error(ErrorCode::configuration,
              fmt::format("the PostgreSQL URL has {}, which can't be handed to pg_dump and "
                          "pg_restore without showing it to everyone",
                          keyword),
              "a private key without a password, readable by its owner alone, needs none");
}

}  // namespace

std::string database_of(const Address& address) {
  const ConninfoOptions given = parse(address), defaults(PQconndefaults());
  for (const std::string_view key : {"dbname", "user"}) {
    std::string value = value_of(given.get(), key);
    if (value.empty() && defaults) value = value_of(defaults.get(), key);
    if (!value.empty()) return value;
  }
  return {};
}

Address in_database(const Address& address, const std::string& database,
                    const std::string& password) {
  Address other = address;
  other.conninfo.clear();
  each(parse(address).get(), [&](const PQconninfoOption& option) {
    const std::string_view key = option.keyword;
    if (key == "dbname" || (key == "password" && !password.empty())) return;
    add(other.conninfo, key, option.val);
  });
  add(other.conninfo, "dbname", database);
  if (!password.empty()) add(other.conninfo, "password", password);
  return other;
}

ToolAddress tool_address(const Address& address) {
  ToolAddress tool;
  // What the tools say is looked at; what the dump is encoded in they are told otherwise.
  tool.environment = {{"LC_ALL", "C"}, {"PGCLIENTENCODING", ""}};
  std::string conninfo;
  each(parse(address).get(), [&](const PQconninfoOption& option) {
    const std::string_view key = option.keyword;
    if (key == "client_encoding" || key == "fallback_application_name") return;
    if (key == "password") {
      tool.environment["PGPASSWORD"] = option.val;
    } else if (is_secret(option)) {
      refuse_secret(key);
    } else {
      add(conninfo, key, option.val);
    }
  });
  tool.argument = "--dbname=" + conninfo;
  return tool;
}

}  // namespace prism::postgres
