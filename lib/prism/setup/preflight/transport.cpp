#include <algorithm>

#include <prism/base/host.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/preflight/transport.hpp>

namespace prism::setup {
namespace {

using config::scheme_of;
using enum health::State;

bool is_local(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || equals_ignoring_case(host, "localhost") ||
         equals_ignoring_case(host, host_name());
}

/// The scheme that would be better; empty: the URL's own is good.
std::string better_scheme(const std::string& scheme) {
  if (scheme == "redis" || scheme == "redis+sentinel" || scheme == "redis+cluster") {
    return "rediss" + scheme.substr(5);
  }
  if (scheme == "bolt" || scheme == "neo4j") return scheme + "+s";
  if (scheme == "consul") return "consul+https";
  if (scheme == "nats") return "tls";
  return scheme == "http" || scheme == "grpc" ? scheme + "s" : "";
}

void add_plain(Findings& findings, const std::string& where, const std::string& hint) {
  findings.push_back({warning, where, "another machine is reached without TLS", hint});
}

/// libpq's default, prefer, gives way to whoever says that there is no TLS.
void check_postgres(const config::Target& target, Findings& findings) {
  const std::string mode = config::parameter_of(target.url, "sslmode");
  if (mode == "require" || mode.starts_with("verify")) return;
  add_plain(findings, "target " + target.name, "add ?sslmode=verify-full&sslrootcert=FILE");
}

void check_target(const config::Target& target, Findings& findings) {
  if (is_on_this_machine(target.url)) return;
  if (target.kind == "postgresql") return check_postgres(target, findings);
  const std::string scheme = scheme_of(target.url);
  if (scheme.ends_with("+ssc")) {
    findings.push_back({warning, "target " + target.name, "the certificate is not looked at",
                        "use " + scheme.substr(0, scheme.size() - 2) + ":// and neo4j.ca_file"});
  }
  const std::string better = better_scheme(scheme);
  if (!better.empty()) add_plain(findings, "target " + target.name, "use " + better + "://");
}

void check_endpoint(const std::string& where, const std::string& endpoint, Findings& findings) {
  if (scheme_of(endpoint) != "http" || is_on_this_machine(endpoint)) return;
  add_plain(findings, where, "use https://");
}

}  // namespace

bool is_on_this_machine(const std::string& url) {
  const auto hosts = config::hosts_of(url);
  return std::all_of(hosts.begin(), hosts.end(), is_local);
}

Findings check_transport(std::span<const config::Target> targets, const std::string& s3_endpoint) {
  Findings findings;
  for (const config::Target& target : targets) {
    if (target.kind == "s3") {
      check_endpoint("target " + target.name, config::parameter_of(target.url, "endpoint"),
                     findings);
    } else {
      check_target(target, findings);
    }
  }
  check_endpoint("s3.endpoint", s3_endpoint, findings);
  return findings;
}

}  // namespace prism::setup
