#pragma once

#include <string>
#include <string_view>

#include <prism/base/error.hpp>

namespace prism::redis {

/// What an error reply means to an operator, with the exit code that fits. `where` names the
/// server. The words of the reply are shown only where they are known to hold no secret.
PRISM_API Error trouble(std::string_view reply, const std::string& where);

/// The same for the answer to AUTH, whose words may repeat the password.
PRISM_API Error login_trouble(std::string_view reply, const std::string& where);

/// Whether a little later the same may be answered well.
PRISM_API bool passes(std::string_view reply);

}  // namespace prism::redis
