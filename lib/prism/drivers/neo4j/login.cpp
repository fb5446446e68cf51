#include <prism/drivers/neo4j/login.hpp>

namespace prism::neo4j {

Login::Login(const Address& address, const config::Neo4jSettings& settings)
    : user(address.user.empty() ? settings.user : address.user),
      password(address.password.value_or(settings.password)),
      token(address.password ? "" : settings.token),
      database(address.database),
      routed(address.routed) {
  socket.timeout = settings.timeout;
  if (address.encryption != Encryption::none) {
    socket.tls = TlsOptions{.verify = address.encryption == Encryption::verified,
                            .ca_file = settings.ca_file};
  }
}

}  // namespace prism::neo4j
