#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/address.hpp>

namespace prism::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConninfoOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

struct SplitUrl {
  std::string url;     ///< without `schema`
  std::string schema;  ///< empty: none was there
};

/// Takes `schema=NAME` out of the query.
SplitUrl without_schema(const std::string& url) {
  SplitUrl split;
  const std::size_t question = url.find('?');
  split.url = url.substr(0, question);
  char separator = '?';
  for (std::size_t at = question; at != std::string::npos;) {
    const std::size_t end = url.find('&', at + 1);
    const std::string parameter = url.substr(at + 1, end == url.npos ? end : end - at - 1);
    if (parameter.starts_with("schema=")) {
      split.schema = parameter.substr(7);
    } else if (!parameter.empty()) {
      split.url += separator + parameter;
      separator = '&';
    }
    at = end;
  }
  return split;
}

ConninfoOptions parse(const std::string& url) {
  char* words = nullptr;
  ConninfoOptions options(PQconninfoParse(url.c_str(), &words));
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(words, PQfreemem);
  // libpq's words may repeat a part of the URL, and with it of the password.
  if (!options) {
    throw Error(ErrorCode::configuration, "the PostgreSQL URL can't be read",
                "expected postgresql://USER@HOST:PORT/DATABASE?PARAMETER=VALUE; special characters "
                "of a password are percent-encoded");
  }
  return options;
}

/// `key='value' `, quoted as libpq wants it.
void add(std::string& conninfo, std::string_view key, std::string_view value) {
  conninfo += fmt::format("{}='", key);
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += "' ";
}

std::string_view value_of(const PQconninfoOption* options, std::string_view key) {
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (key == option->keyword && option->val != nullptr) return option->val;
  }
  return {};
}

std::string seconds_of(std::chrono::milliseconds time) {
  // Less than 2 is taken for 2 by libpq, 0 for no limit.
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
}

/// libpq's own defaults, its environment included.
std::string location_of(const PQconninfoOption* given) {
  const ConninfoOptions defaults(PQconndefaults());
  const auto pick = [&](std::string_view key) {
    const std::string_view value = value_of(given, key);
    return value.empty() && defaults ? value_of(defaults.get(), key) : value;
  };
  const std::string_view host = pick("host");
  const std::string_view user = pick("user"), database = pick("dbname");
  return fmt::format("postgresql://{}:{}/{}", host.empty() ? "localhost" : host, pick("port"),
                     database.empty() ? user : database);
}

}  // namespace

Address read_address(const Options& options) {
  const SplitUrl split = without_schema(options.url);
  const ConninfoOptions given = parse(split.url);
  Address address;
  for (const PQconninfoOption* option = given.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) add(address.conninfo, option->keyword, option->val);
  }
  const auto add_unless_given = [&](std::string_view key, const std::string& value) {
    if (value_of(given.get(), key).empty()) add(address.conninfo, key, value);
  };
  add_unless_given("connect_timeout", seconds_of(options.settings.connection_timeout));
  add_unless_given("client_encoding", "UTF8");
  add_unless_given("fallback_application_name", "prismctl");
  add_unless_given("keepalives_idle", "60");
  add_unless_given("keepalives_interval", "10");
  address.location = location_of(given.get());
  address.schema = split.schema.empty() ? options.settings.schema : split.schema;
  return address;
}

}  // namespace prism::postgres
