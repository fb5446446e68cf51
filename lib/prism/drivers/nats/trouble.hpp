#pragma once

#include <string>
#include <string_view>

#include <nats/nats.h>

#include <prism/base/error.hpp>

namespace prism::nats {

/// What is wrong with a connection that could not be made.
Error connect_trouble(natsStatus status, const std::string& where);

/// What is wrong with one that there is; `words` are those of the server, if it said any.
Error trouble(natsStatus status, std::string_view words, const std::string& where,
              const std::string& doing);

/// An error in an answer of JetStream's API.
struct ApiError {
  int code = 0;         ///< like HTTP's
  int number = 0;       ///< `err_code`: JSErrCode of the server
  std::string message;  ///< `description`
};

Error api_trouble(const ApiError& error, const std::string& where, const std::string& doing);

}  // namespace prism::nats
