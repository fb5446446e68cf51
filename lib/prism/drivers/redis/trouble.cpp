#include <algorithm>
#include <array>

#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

struct Known {
  std::string_view begin;  ///< of the reply
  ErrorCode code;
  std::string_view words;
  std::string_view hint;
  bool passes = false;
};

using enum ErrorCode;

/// By what the reply begins with; the first that fits counts.
constexpr std::array kKnown{
    Known{"NOAUTH", permission, "asks for a password, and there was none (NOAUTH)",
          "put it into the URL, redis://user:password@host, or set REDIS_PASSWORD"},
    Known{"WRONGPASS", permission, "user and password are not accepted (WRONGPASS)",
          "check the URL and REDIS_PASSWORD; ACL users need redis://user:password@host"},
    Known{"ERR invalid password", permission, "the password is not accepted", "check the URL"},
    Known{"ERR AUTH", permission, "a password was given, but this user has none",
          "leave the password out, or name a user: redis://user:password@host"},
    Known{"ERR Client sent AUTH", permission, "a password was given, but the server has none",
          "leave the password out"},
    Known{"DENIED", permission, "refuses connections from other machines (protected mode)",
          "set a password there, or bind it to an address"},
    Known{"LOADING", unavailable, "is still loading its data (LOADING)",
          "try again later, or wait for it with --wait SECONDS", true},
    Known{"READONLY", unavailable, "is a replica, which takes no writes (READONLY)",
          "name the primary, or use redis+sentinel:// or redis+cluster://"},
    Known{"OOM", io, "has no memory left for the cache (OOM, maxmemory is reached)",
          "raise maxmemory, or free memory there"},
    Known{"MISCONF", io, "takes no writes because it can't save its data to disk (MISCONF)",
          "see the server's log; its disk may be full"},
    Known{"MASTERDOWN", unavailable, "is a replica whose primary is down (MASTERDOWN)",
          "bring the primary back", true},
    Known{"CLUSTERDOWN", unavailable, "the cluster is down (CLUSTERDOWN)",
          "see redis-cli --cluster check: a part of the slots is not served", true},
    Known{"TRYAGAIN", unavailable, "a slot is being moved (TRYAGAIN)", "try again later", true},
    Known{"MOVED", unavailable, "a slot lies on another node (MOVED)",
          "a Redis Cluster is named redis+cluster://host"},
    Known{"ASK", unavailable, "a slot is being moved (ASK)",
          "a Redis Cluster is named redis+cluster://host"},
    Known{"NOREPLICAS", unavailable, "has too few replicas to take writes (NOREPLICAS)",
          "see min-replicas-to-write there", true},
    Known{"BUSY ", unavailable, "runs a script and answers nobody (BUSY)", "try again later", true},
    Known{"ERR max number of clients", unavailable, "has no connection left for us",
          "raise maxclients there, or try again later", true},
    Known{"ERR DB index", configuration, "has no database of that number",
          "see the setting databases there"},
    Known{"ERR SELECT is not allowed in cluster", configuration,
          "is a node of a Redis Cluster, which has database 0 alone",
          "a Redis Cluster is named redis+cluster://host"},
    Known{"ERR DUMP payload version", internal, "does not take the values that RESTORE brings", ""},
    Known{"WRONGTYPE", bad_data, "a key of the cache holds another kind of value (WRONGTYPE)",
          "rebuild-cache replaces it"},
};

const Known* known(std::string_view reply) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const Known& one) { return reply.starts_with(one.begin); });
  return found == kKnown.end() ? nullptr : &*found;
}

Error made(const Known& known, const std::string& where) {
  return {known.code, where + ": " + std::string(known.words), std::string(known.hint)};
}

/// `this user has no permissions to run the 'restore' command` names the right that is missing.
Error missing_right(std::string_view reply, const std::string& where) {
  return {permission, where + ": a right is missing: " + std::string(reply),
          "the README lists the rights that an ACL user needs"};
}

}  // namespace

Error trouble(std::string_view reply, const std::string& where) {
  if (reply.starts_with("NOPERM")) return missing_right(reply, where);
  if (const Known* const one = known(reply)) return made(*one, where);
  if (reply.starts_with("ERR unknown command")) {
    // What follows are the arguments, values among them.
    return {configuration, where + ": " + std::string(reply.substr(0, reply.find(','))),
            "the server is too old, or the command was renamed there"};
  }
  return {internal, where + ": answered " + std::string(reply)};
}

Error login_trouble(std::string_view reply, const std::string& where) {
  if (const Known* const one = known(reply)) return made(*one, where);
  return {permission, where + ": AUTH was refused", "check user and password in the URL"};
}

bool passes(std::string_view reply) {
  const Known* const one = known(reply);
  return one != nullptr && one->passes;
}

}  // namespace prism::redis
