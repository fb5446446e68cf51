#include "healthcheck.hpp"

namespace prismctl {

using prism::config::Setting;
using prism::health::Ping;

Healthcheck::Healthcheck(Session& session, std::string command)
    : session_(session), command_(std::move(command)) {
  tell(Ping::start);
}

void Healthcheck::end(int exit_code) { tell(exit_code == 0 ? Ping::success : Ping::failure); }

void Healthcheck::tell(Ping ping) {
  const std::string& url = session_.settings().text(Setting::healthcheck_url);
  if (url.empty() || command_.empty()) return;
  const std::string trouble =
      prism::health::send_ping(ping_url(url, ping, command_, session_.run_id()),
                               {.ca_file = session_.settings().text(Setting::http_ca_file)});
  if (trouble.empty() || warned_) return;
  session_.log().warning("healthcheck.url could not be told of this run: " + trouble);
  warned_ = true;
}

}  // namespace prismctl
