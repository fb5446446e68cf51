#include <algorithm>
#include <array>
#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/hash_slot.hpp>
#include <prism/drivers/redis/restore_checks.hpp>
#include <prism/drivers/redis/restore_trouble.hpp>
#include <prism/drivers/redis/room.hpp>
#include <prism/drivers/redis/server_facts.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::configuration, what, hint);
}

/// The first release that reads an RDB of a version (redis/src/rdb.h).
std::string first_release_with(unsigned version) {
  struct Known {
    unsigned version;
    const char* release;
  };
  constexpr std::array kKnown{Known{6, "2.6"},  Known{7, "3.2"},  Known{8, "4.0"}, Known{9, "5.0"},
                              Known{10, "7.0"}, Known{11, "7.2"}, Known{12, "7.4"}};
  const auto found = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const Known& one) { return one.version >= version; });
  return found == kKnown.end() ? "a newer release" : std::string("Redis ") + found->release;
}

/// What RESTORE takes for one whose version and checksum are right, and for nothing else: 255 is no
/// type of a value.
std::string empty_payload(unsigned version) {
  std::string payload = "\xff";
  const auto number = static_cast<std::uint16_t>(version);
  payload.append(reinterpret_cast<const char*>(&number), sizeof number);
  const std::uint64_t checksum = crc64(payload);
  payload.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return payload;
}

/// A key that lies on that primary, if there is one.
std::string key_on(const Topology& topology, std::size_t primary) {
  for (unsigned number = 0;; ++number) {
    std::string key = "prismctl:none:" + std::to_string(number);
    if (topology.owner(hash_slot(key)) == primary) return key;
  }
}

/// The checks of one server.
class Checks {
 public:
  Checks(Connection& server, std::string key, const RdbSurvey& survey)
      : server_(server), key_(std::move(key)), survey_(survey), info_(info_text(server)) {}

  /// `servers`: among which the keys are shared out.
  void check_all(std::size_t servers, bool exact) {
    check_memory(servers);
    check_modules();
    check_payload();
    check_size();
    check_databases();
    check_rights(exact);
  }

 private:
  std::string version() const { return "Redis " + std::string(info_field(info_, "redis_version")); }

  /// `used-mem` counts buffers too, so that a quarter less may be enough; what is there already is
  /// left out of it, for most of it may be replaced.
  void check_memory(std::size_t servers) const {
    const std::uint64_t used = survey_.used_memory() / servers;
    const ServerInfo info = read_info(info_);
    if (info.limit == 0 || info.limit >= used / 4 * 3) return;
    refuse(server_.where() + ": maxmemory is " + with_separators(info.limit) +
               " bytes, and where the backup was taken " + with_separators(used) + " were in use",
           "raise maxmemory there; nothing was touched");
  }

  /// Modules have names of their own, so that only those whose types are known can be missed.
  void check_modules() const {
    struct Known {
      std::string_view type, module;
    };
    constexpr std::array kKnown{
        Known{"ReJSON-RL", "ReJSON"}, Known{"TSDB-TYPE", "timeseries"},
        Known{"MBbloom--", "bf"},     Known{"MBbloomCF", "bf"},
        Known{"CMSk-TYPE", "bf"},     Known{"TopK-TYPE", "bf"},
        Known{"TDIS-TYPE", "bf"},     Known{"graphdata", "graph"},
        Known{"ft_index0", "search"}, Known{"vectorset", "vectorset"},
    };
    for (const std::string& type : survey_.value_modules()) {
      const auto known = std::find_if(kKnown.begin(), kKnown.end(),
                                      [&](const Known& one) { return one.type == type; });
      const std::string wanted = known == kKnown.end()
                                     ? "module:name="
                                     : "module:name=" + std::string(known->module) + ",";
      if (info_.find(wanted) != std::string::npos) continue;
      refuse(server_.where() + ": the backup holds values of a module's type " + type +
                 ", and there is no such module",
             "load the module there (MODULE LIST); nothing was touched");
    }
  }

  /// Also tells whether the server takes writes, and has memory left.
  void check_payload() {
    const auto reply = server_.ask(
        {"RESTORE", key_, "0", empty_payload(survey_.newest_version()), "REPLACE", "ABSTTL"});
    if (reply->text.starts_with("ERR Bad data format")) return;
    const bool is_older = reply->text.starts_with("ERR DUMP payload version") ||
                          reply->text.starts_with("ERR syntax error");
    if (!is_older) throw restore_trouble(reply->text, server_.where());
    refuse(
        server_.where() + ": " + version() + " is too old for the backup, whose RDB has version " +
            std::to_string(survey_.newest_version()),
        first_release_with(survey_.newest_version()) + " or newer takes it; nothing was touched");
  }

  /// Who may not ask for the limit is let go on.
  void check_size() {
    constexpr std::uint64_t kAround = 64;
    const auto reply = server_.ask({"CONFIG", "GET", "proto-max-bulk-len"});
    const std::string_view text = reply->item_text(1);
    std::uint64_t limit = 0;
    std::from_chars(text.data(), text.data() + text.size(), limit);
    if (limit == 0 || survey_.largest_value() + kAround <= limit) return;
    refuse(server_.where() + ": the largest value of the backup has " +
               with_separators(survey_.largest_value()) + " bytes, and it takes " +
               with_separators(limit),
           "raise proto-max-bulk-len there; nothing was touched");
  }

  void check_databases() {
    for (const auto& [database, count] : survey_.keys()) {
      const auto reply = server_.ask({"SELECT", std::to_string(database)});
      if (!reply->is_error()) continue;
      const Error error = trouble(reply->text, server_.where());
      if (error.code() != ErrorCode::configuration) throw error;
      refuse(server_.where() + ": the backup holds " + with_separators(count) +
                 " keys in database " + std::to_string(database) + ", which is not there",
             "a Redis Cluster has database 0 alone; else see the setting databases there");
    }
    server_.call({"SELECT", "0"});
  }

  void check_rights(bool exact) {
    server_.call({"DEL", key_});
    server_.call({"HGETALL", key_});
    if (!survey_.libraries().empty()) require_right({"FUNCTION", "LOAD", "REPLACE", ""});
    if (!exact) return;
    server_.call({"UNLINK", key_});
    server_.call({"SCAN", "0", "COUNT", "1"});
    require_right({"FUNCTION", "DELETE", key_});
  }

  /// Of a command that fails otherwise.
  void require_right(Connection::Words words) {
    const auto reply = server_.ask(words);
    if (reply->error_name() == "NOPERM") throw trouble(reply->text, server_.where());
  }

  Connection& server_;
  const std::string key_;
  const RdbSurvey& survey_;
  const std::string info_;
};

void require_database_zero(const RdbSurvey& survey) {
  for (const auto& [database, count] : survey.keys()) {
    if (database == 0) continue;
    refuse("the backup holds " + with_separators(count) + " keys in database " +
               std::to_string(database) + ", and a Redis Cluster has database 0 alone",
           "restore it into a server of its own; nothing was touched");
  }
}

}  // namespace

void require_restorable(Deployment& servers, const RdbSurvey& survey, bool exact) {
  if (servers.address().form == Form::cluster) {
    require_database_zero(survey);
  } else {
    require_no_cluster_node(servers.primary(0));
  }
  const std::size_t count = servers.topology().primaries.size();
  for (std::size_t i = 0; i < count; ++i) {
    Checks(servers.primary(i), key_on(servers.topology(), i), survey).check_all(count, exact);
  }
}

}  // namespace prism::redis
