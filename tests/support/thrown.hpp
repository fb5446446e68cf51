#pragma once

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <prism/base/error.hpp>

namespace prism::test {

/// What an Error said.
struct Thrown {
  ErrorCode code = ErrorCode::done;
  std::string message;
  std::string hint;

  bool says(std::string_view words) const { return message.find(words) != std::string::npos; }
};

/// The Error that `action` ends in; a failed check when it comes to its end.
template <typename Action>
Thrown thrown_by(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return {error.code(), error.what(), error.hint()};
  }
  FAIL_CHECK("expected an Error, but nothing was thrown");
  return {};
}

}  // namespace prism::test
