#include <cerrno>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include <prism/drivers/redis/pipeline.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::string_view kOk = "+OK\r\n";

FileDescriptor make_event() {
  FileDescriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) throw system_error(errno, "eventfd");
  return event;
}

}  // namespace

Pipeline::Pipeline(Connection connection, OnReply on_reply)
    : connection_(std::move(connection)),
      on_reply_(std::move(on_reply)),
      nudge_(make_event()),
      received_(kReadSize, '\0'),
      thread_([this] { run(); }) {}

Pipeline::~Pipeline() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  nudge();
  thread_.join();
}

void Pipeline::nudge() {
  const std::uint64_t one = 1;
  // It can only fail where a nudge is there already.
  [[maybe_unused]] const auto written = ::write(nudge_.get(), &one, sizeof one);
}

void Pipeline::rethrow() {
  if (failure_) std::rethrow_exception(failure_);
}

void Pipeline::send(Chunk chunk) {
  if (chunk.bytes.empty()) return;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || under_way_ < kCapacity; });
    rethrow();
    under_way_ += chunk.bytes.size();
    unanswered_ += chunk.replies;
    waiting_.push_back(std::move(chunk));
  }
  nudge();
}

void Pipeline::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || unanswered_ == 0; });
  rethrow();
}

void Pipeline::run() noexcept {
  try {
    work();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

void Pipeline::work() {
  constexpr std::chrono::milliseconds kNoLimit{0};
  while (take()) {
    const bool writing = sent_ < sending_.bytes.size();
    const bool reading = [&] {
      const std::lock_guard lock(mutex_);
      return unanswered_ > 0;
    }();
    Socket& socket = connection_.socket();
    const bool ready = reading || writing
                           ? socket.wait({.read = true, .write = writing}, nudge_.get())
                           : socket.wait({.read = true}, nudge_.get(), kNoLimit);
    if (ready) transfer();
  }
}

/// The next chunk, where the one before is gone. False: the pipeline is to end.
bool Pipeline::take() {
  std::uint64_t nudges = 0;
  [[maybe_unused]] const auto got = ::read(nudge_.get(), &nudges, sizeof nudges);
  const std::lock_guard lock(mutex_);
  if (ending_) return false;
  if (sent_ < sending_.bytes.size() || waiting_.empty()) return true;
  sending_ = std::move(waiting_.front());
  waiting_.pop_front();
  sent_ = 0;
  return true;
}

void Pipeline::transfer() {
  Socket& socket = connection_.socket();
  const std::size_t sent = socket.write_some(std::string_view(sending_.bytes).substr(sent_));
  sent_ += sent;
  answers_ = 0;
  if (const std::size_t got = socket.read_some(received_); got > 0) {
    read_replies(std::string_view(received_).substr(0, got));
  }
  if (sent + answers_ == 0) return;
  const std::lock_guard lock(mutex_);
  under_way_ -= sent;
  unanswered_ -= std::min(answers_, unanswered_);
  changed_.notify_all();
}

void Pipeline::read_replies(std::string_view bytes) {
  ReplyReader& reader = connection_.replies();
  if (!reader.within_reply()) {
    for (; bytes.starts_with(kOk); ++answers_) bytes.remove_prefix(kOk.size());
  }
  if (bytes.empty()) return;
  reader.feed(bytes);
  while (const auto reply = reader.next()) {
    ++answers_;
    look_at(*reply);
  }
}

void Pipeline::look_at(const Reply& reply) {
  for (const auto& item : reply.items) {
    if (item->is_error()) look_at(*item);
  }
  if (!on_reply_(reply) && reply.is_error()) {
    throw trouble(reply.text, connection_.where());
  }
}

}  // namespace prism::redis
