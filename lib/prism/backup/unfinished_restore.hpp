#pragma once

#include <prism/base/error.hpp>

namespace prism::backup {

/// What ended a restore half-way, told with what to do about it: for components whose restores are
/// finished by a rerun (Component::unfinished).
PRISM_API Error unfinished_restore(const Error& error);

}  // namespace prism::backup
