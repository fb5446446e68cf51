#include <prism/base/error.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {
namespace {

/// A server begins to answer before it has put an object together: a failure may follow a 200.
bool is_success(const Request& request, Answer& answer) {
  if (answer.status < 200 || answer.status > 299) return false;
  if (request.method != "POST" || read_error(answer.body).code.empty()) return true;
  answer.status = 500;
  return false;
}

}  // namespace

Client::Client(Address address, ClientOptions options, Log& log, const Cancel& cancel)
    : transport_(std::move(address), options.settings, cancel),
      options_(std::move(options)),
      log_(log) {}

Client::~Client() = default;

std::string Client::place_of(const Request& request) const {
  const std::string bucket = "s3://" + address().bucket;
  return request.key.empty() ? bucket : bucket + "/" + request.key;
}

void Client::attempt(const Request& request, Answer& answer) {
  transport_.exchange(request, answer);
  if (!is_success(request, answer)) throw failure_of(answer, place_of(request));
}

Answer Client::send(const Request& request) {
  Retries retries(*this, request.cleans_up);
  for (;;) {
    Answer answer;
    try {
      attempt(request, answer);
      return answer;
    } catch (const Failure& failure) {
      retries.wait_after(failure);
    }
  }
}

// ---- Retries ------------------------------------------------------------------------------------

/// Nothing has ever answered at a wrong address: that is told at once.
Backoff::Milliseconds Retries::limit() const {
  const Backoff::Milliseconds wait = client_.options_.wait;
  return client_.transport_.has_connected() ? std::max(wait, client_.options_.settings.retry_time)
                                            : wait;
}

void Retries::wait_after(const Failure& failure) {
  const Cancel& cancel = client_.transport_.cancel();
  if (!failure.passes() || (cleans_up_ && cancel.requested())) throw failure;
  if (!backoff_) backoff_.emplace(limit(), cancel);
  if (!backoff_->pause()) throw failure;
  client_.log_.debug(std::string(failure.what()) + "; trying again");
}

}  // namespace prism::s3
