// The input is what an S3 server answers: any of its XML, or a failure, with the status before it.

#include <charconv>

#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/failure.hpp>

#include "check.hpp"

namespace prism::s3::fuzz {
namespace {

using sheet::fuzz::require_that;

void check_message(const Error& error) {
  const std::string_view message = error.what();
  require_that(!message.empty() && message.size() < 1000, "a refusal says nothing, or too much");
  for (const char c : message) require_that(c >= ' ' || c < 0, "a refusal is not printable");
}

/// What `action` throws must be Error(io).
template <typename Action>
void check(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& refusal) {
    check_message(refusal);
    require_that(refusal.code() == ErrorCode::io, "a refusal has another code");
  }
}

void check_failure(std::string_view body) {
  Answer answer;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), answer.status);
  answer.body = body.substr(static_cast<std::size_t>(end - body.data()));
  const Failure failure = failure_of(answer, "place");
  check_message(failure);
  require_that(failure.hint().size() < 1000, "a hint says too much");
}

}  // namespace
}  // namespace prism::s3::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::s3;
  const std::string body = prism::sheet::fuzz::text_of(data, size);
  fuzz::check([&] {
    const ObjectPage page = read_object_page(body);
    for (const ListedObject& object : page.objects) {
      prism::sheet::fuzz::require_that(!object.key.empty(), "an object has no key");
    }
  });
  fuzz::check([&] { read_upload_page(body); });
  fuzz::check([&] { read_part_page(body); });
  fuzz::check([&] { read_upload_id(body); });
  fuzz::check_failure(body);
  return 0;
}
