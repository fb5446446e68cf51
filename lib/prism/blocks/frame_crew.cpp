#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/blocks/frame_crew.hpp>

namespace prism::blocks {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

void require(std::size_t result) {
  if (ZSTD_isError(result) == 0) return;
  throw Error(ErrorCode::internal, std::string("zstd: ") + ZSTD_getErrorName(result));
}

}  // namespace

/// What one thread works with.
class FrameCrew::Worker {
 public:
  Worker(const BlockKey& key, int level) : hasher_(key), context_(ZSTD_createCCtx()) {
    if (!context_) throw std::bad_alloc();
    require(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level));
    require(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
  }

  void hash(Batch& batch) {
    std::size_t at = 0;
    batch.blocks.hashes.clear();
    for (const std::uint16_t length : batch.blocks.lengths) {
      batch.blocks.hashes.push_back(hasher_.hash({batch.bytes.data() + at, length}));
      at += length;
    }
  }

  std::string compress(const Batch& frame) {
    std::string out(ZSTD_compressBound(frame.bytes.size()), '\0');
    const std::size_t size = ZSTD_compress2(context_.get(), out.data(), out.size(),
                                            frame.bytes.data(), frame.bytes.size());
    require(size);
    out.resize(size);
    return out;
  }

 private:
  BlockHasher hasher_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
};

FrameCrew::FrameCrew(std::size_t threads, int level, const BlockKey& key, TakeHashed take_hashed,
                     TakeFrame take_frame)
    : most_(4 * threads + 4),
      level_(level),
      key_(key),
      take_hashed_(std::move(take_hashed)),
      take_frame_(std::move(take_frame)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

FrameCrew::~FrameCrew() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void FrameCrew::check() {
  if (failure_) std::rethrow_exception(failure_);
}

void FrameCrew::hash(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    const auto under_way = hashing_.given - hashing_.next + compressing_.given - compressing_.next;
    return failure_ || under_way < most_;
  });
  check();
  hashing_.waiting.emplace_back(hashing_.given++, std::move(batch));
  changed_.notify_all();
}

void FrameCrew::compress(Batch frame) {
  const std::lock_guard lock(mutex_);
  compressing_.waiting.emplace_back(compressing_.given++, std::move(frame));
  changed_.notify_all();
}

bool FrameCrew::is_idle() const {
  return hashing_.given == hashing_.next && compressing_.given == compressing_.next;
}

void FrameCrew::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || is_idle(); });
  check();
}

/// In their order, by one thread at a time, which is whoever comes first.
void FrameCrew::hand_on(std::unique_lock<std::mutex>& lock, Step& step) {
  if (step.busy) return;
  step.busy = true;
  for (auto first = step.done.begin(); first != step.done.end() && first->first == step.next;
       first = step.done.begin()) {
    auto [batch, stored] = std::move(first->second);
    step.done.erase(first);
    lock.unlock();
    if (&step == &hashing_) {
      take_hashed_(std::move(batch));
    } else {
      take_frame_(stored, batch.blocks);
    }
    lock.lock();
    ++step.next;
    changed_.notify_all();
  }
  step.busy = false;
}

/// Frames come first: they hold what waits.
void FrameCrew::work() {
  std::unique_lock lock(mutex_, std::defer_lock);
  try {
    Worker worker(key_, level_);
    lock.lock();
    for (;;) {
      changed_.wait(lock, [this] {
        return end_ || failure_ || !hashing_.waiting.empty() || !compressing_.waiting.empty();
      });
      if (end_ || failure_) return;
      Step& step = compressing_.waiting.empty() ? hashing_ : compressing_;
      auto [number, batch] = std::move(step.waiting.front());
      step.waiting.pop_front();
      lock.unlock();
      std::string stored;
      if (&step == &hashing_) {
        worker.hash(batch);
      } else {
        stored = worker.compress(batch);
      }
      lock.lock();
      step.done.emplace(number, std::pair(std::move(batch), std::move(stored)));
      hand_on(lock, step);
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    if (!failure_) failure_ = std::current_exception();
    changed_.notify_all();
  }
}

}  // namespace prism::blocks
