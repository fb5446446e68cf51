#include <hiredis/read.h>

#include <prism/base/error.hpp>
#include <prism/drivers/redis/reply.hpp>

namespace prism::redis {
namespace {

/// Puts a reply into its list, whose items come in order; the reader owns the outermost.
Reply* placed(const redisReadTask* task, std::unique_ptr<Reply> reply) {
  Reply* const raw = reply.get();
  if (task->parent == nullptr) return reply.release();
  static_cast<Reply*>(task->parent->obj)->items.push_back(std::move(reply));
  return raw;
}

/// hiredis is C: nothing may be thrown through it. A null is its "out of memory".
template <typename Make>
void* made(const redisReadTask* task, Make make) noexcept {
  try {
    auto reply = std::make_unique<Reply>();
    make(*reply);
    return placed(task, std::move(reply));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void* make_string(const redisReadTask* task, char* text, std::size_t size) {
  return made(task, [&](Reply& reply) {
    reply.kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
                 : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                    : Reply::Kind::text;
    reply.text.assign(text, size);
  });
}

void* make_list(const redisReadTask* task, int) {
  return made(task, [](Reply& reply) { reply.kind = Reply::Kind::list; });
}

void* make_integer(const redisReadTask* task, long long integer) {
  return made(task, [&](Reply& reply) {
    reply.kind = Reply::Kind::integer;
    reply.integer = integer;
  });
}

void* make_nothing(const redisReadTask* task) {
  return made(task, [](Reply&) {});
}

void free_reply(void* reply) { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions functions() {
  return {make_string, make_list, make_integer, make_nothing, free_reply};
}

}  // namespace

std::string_view Reply::error_name() const {
  if (kind != Kind::error) return {};
  return std::string_view(text).substr(0, text.find(' '));
}

std::string_view Reply::item_text(std::size_t i) const {
  return i < items.size() ? std::string_view(items[i]->text) : std::string_view();
}

ReplyReader::ReplyReader() {
  // The reader keeps the address, and only reads there.
  static redisReplyObjectFunctions ours = functions();
  reader_.reset(redisReaderCreateWithFunctions(&ours));
  if (!reader_) throw std::bad_alloc();
}

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

void ReplyReader::feed(std::string_view bytes) {
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) fail();
  pending_ = true;
}

std::unique_ptr<Reply> ReplyReader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) fail();
  if (reply == nullptr) {
    // The reader may have entered its first task without having read a byte of it.
    pending_ = reader_->pos < reader_->len || reader_->ridx > 0 ||
               (reader_->ridx == 0 && reader_->rstack[0].type >= 0);
  }
  return std::unique_ptr<Reply>(static_cast<Reply*>(reply));
}

void ReplyReader::fail() const {
  throw Error(ErrorCode::unavailable, std::string("no Redis answers there: ") + reader_->errstr,
              "check host and port; rediss:// is for a port that speaks TLS");
}

}  // namespace prism::redis
