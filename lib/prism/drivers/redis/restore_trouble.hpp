#pragma once

#include <string>
#include <string_view>

#include <prism/base/error.hpp>

namespace prism::redis {

/// What an error reply to a command of a restore means; see trouble().
Error restore_trouble(std::string_view reply, const std::string& where);

}  // namespace prism::redis
