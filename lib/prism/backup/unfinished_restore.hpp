#pragma once

#include <prism/base/error.hpp>

namespace prism::backup {

/// A restore was ended half-way, whatever its code says of the cause: the target is not what it
/// was.
class PRISM_API UnfinishedRestore : public Error {
 public:
  using Error::Error;
  ~UnfinishedRestore() override;
};

/// What ended it, told with what to do about it: for components whose restores are finished by a
/// rerun (Component::unfinished).
PRISM_API UnfinishedRestore unfinished_restore(const Error& error);

}  // namespace prism::backup
