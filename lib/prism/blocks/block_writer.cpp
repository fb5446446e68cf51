#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/blocks/batch_queue.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/blocks/deduplicator.hpp>
#include <prism/blocks/earlier_maps.hpp>
#include <prism/blocks/frame_codec.hpp>
#include <prism/blocks/frame_order.hpp>
#include <prism/blocks/pack_writer.hpp>
#include <prism/blocks/stored_packs.hpp>

namespace prism::blocks {
namespace {

/// For each thread: one that it works on, one that waits, and what gathers.
constexpr std::size_t kBatchesPerThread = 4;
/// Of frames that wait for the repository.
constexpr std::size_t kFrameBytes = std::size_t{16} << 20;

}  // namespace

// The caller fills batches; each of several threads hashes one, looks which of its blocks are new
// once it is that batch's turn, and compresses; one more writes the packs.
class BlockWriter::Work {
 public:
  Work(repository::Repository& repository, const BlockKey& key, WriteOptions options,
       const Cancel& cancel);
  ~Work();

  void write(std::string_view block);
  void refer(const BlockMap& earlier, std::uint64_t first, std::uint64_t count);
  std::string trouble_with(const BlockMap& earlier) const { return stored_.trouble_with(earlier); }
  std::uint64_t size() const { return size_; }
  const std::vector<std::string>& remarks() const { return stored_.remarks(); }
  Written finish();

 private:
  Batch& filling();
  void hand_over();
  void run(void (Work::*task)()) noexcept;
  void work();
  void write_packs();
  void sort(BatchPtr batch);
  void compress(BatchPtr batch, FrameCompressor& compressor);
  void fail(std::exception_ptr why);
  void stop();
  [[noreturn]] void rethrow();

  const WriteOptions options_;
  const BlockKey key_;
  const Cancel& cancel_;
  StoredPacks stored_;
  EarlierMaps earlier_{stored_};
  KnownBlocks known_;
  MapBuilder map_;
  PackWriter packs_;
  BatchQueue queue_;
  FrameOrder frames_{kFrameBytes};
  std::mutex sorting_;
  Deduplicator deduplicator_;
  std::map<std::uint64_t, BatchPtr> hashed_;  ///< that wait for one before them
  std::uint64_t sorted_ = 0;
  std::atomic<std::uint64_t> batches_ = UINT64_MAX;  ///< of the whole stream, once that is known
  BatchPtr filling_;
  std::uint64_t handed_over_ = 0, size_ = 0;
  std::mutex failing_;
  std::exception_ptr failure_;
  std::thread pack_thread_;
  std::vector<std::thread> threads_;
};

BlockWriter::Work::Work(repository::Repository& repository, const BlockKey& key,
                        WriteOptions options, const Cancel& cancel)
    : options_(std::move(options)),
      key_(key),
      cancel_(cancel),
      stored_(repository, !options_.recipients.empty(), options_.unused_packs),
      known_(options_.reuse ? stored_.expected_blocks() : 0, options_.scratch_folder),
      packs_(repository, key.id(), options_, cancel),
      queue_(kBatchesPerThread * options_.threads + 1),
      deduplicator_(
          known_, map_,
          [this](BatchPtr batch) { queue_.add(BatchQueue::Work::compress, std::move(batch)); },
          [this](BatchPtr batch) { queue_.give_back(std::move(batch)); }) {
  if (options_.reuse) stored_.load(key.id(), known_, cancel);
  pack_thread_ = std::thread([this] { run(&Work::write_packs); });
  for (std::size_t i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { run(&Work::work); });
  }
}

BlockWriter::Work::~Work() { stop(); }

void BlockWriter::Work::stop() {
  queue_.stop();
  frames_.stop();
  if (pack_thread_.joinable()) pack_thread_.join();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

// ---- The caller's thread ------------------------------------------------------------------------

void BlockWriter::Work::write(std::string_view block) {
  if (block.empty() || block.size() > kBlockBytes) {
    throw Error(ErrorCode::internal, "a block of another size than blocks have");
  }
  filling().add(block);
  ++size_;
  if (filling_->is_full()) hand_over();
}

void BlockWriter::Work::refer(const BlockMap& earlier, std::uint64_t first, std::uint64_t count) {
  earlier_.each_run(earlier, first, count, [this](PlaceRun run) {
    filling().refer(run);
    size_ += run.count;
    if (filling_->is_full()) hand_over();
  });
}

Batch& BlockWriter::Work::filling() {
  if (!filling_) filling_ = queue_.take_empty();
  if (!filling_) rethrow();
  return *filling_;
}

void BlockWriter::Work::hand_over() {
  cancel_.check();
  filling_->number = handed_over_++;
  queue_.add(BatchQueue::Work::hash, std::move(filling_));
}

Written BlockWriter::Work::finish() {
  filling();
  batches_ = handed_over_ + 1;
  hand_over();
  pack_thread_.join();
  stop();
  if (failure_) rethrow();
  return {map_.build(stored_.records(), packs_.packs()), deduplicator_.new_blocks(),
          packs_.new_bytes(), packs_.stored_bytes()};
}

void BlockWriter::Work::rethrow() {
  stop();
  if (!failure_) throw Error(ErrorCode::internal, "blocks behind the end of their stream");
  std::rethrow_exception(failure_);
}

// ---- The others ---------------------------------------------------------------------------------

void BlockWriter::Work::run(void (Work::*task)()) noexcept {
  try {
    (this->*task)();
  } catch (...) {
    fail(std::current_exception());
  }
}

void BlockWriter::Work::fail(std::exception_ptr why) {
  {
    const std::lock_guard lock(failing_);
    if (!failure_) failure_ = std::move(why);
  }
  queue_.stop();
  frames_.stop();
}

void BlockWriter::Work::work() {
  BlockHasher hasher(key_);
  FrameCompressor compressor(options_.level);
  for (;;) {
    BatchQueue::Job job = queue_.next();
    if (!job.batch) return;
    cancel_.check();
    if (job.work == BatchQueue::Work::hash) {
      job.batch->hash(hasher);
      sort(std::move(job.batch));
    } else {
      compress(std::move(job.batch), compressor);
    }
  }
}

/// Those whose turn it is.
void BlockWriter::Work::sort(BatchPtr batch) {
  const std::lock_guard lock(sorting_);
  const std::uint64_t number = batch->number;
  hashed_.emplace(number, std::move(batch));
  while (!hashed_.empty() && hashed_.begin()->first == sorted_) {
    deduplicator_.take(std::move(hashed_.extract(hashed_.begin()).mapped()));
    ++sorted_;
  }
  if (sorted_ != batches_) return;
  deduplicator_.finish();
  frames_.end_at(deduplicator_.frames());
}

void BlockWriter::Work::compress(BatchPtr batch, FrameCompressor& compressor) {
  const std::uint64_t number = batch->number;
  Frame frame{std::string(compressor.compress(batch->bytes())), batch->lengths(), batch->hashes()};
  queue_.give_back(std::move(batch));
  frames_.put(number, std::move(frame));
}

void BlockWriter::Work::write_packs() {
  while (const auto frame = frames_.next()) {
    cancel_.check();
    packs_.add(*frame);
  }
  if (!frames_.is_stopped()) packs_.close();
}

// ---- BlockWriter --------------------------------------------------------------------------------

BlockWriter::BlockWriter(repository::Repository& repository, const BlockKey& key,
                         WriteOptions options, const Cancel& cancel)
    : work_(std::make_unique<Work>(repository, key, std::move(options), cancel)) {}

BlockWriter::~BlockWriter() = default;

void BlockWriter::write(std::string_view block) { work_->write(block); }

void BlockWriter::refer(const BlockMap& earlier, std::uint64_t first, std::uint64_t count) {
  work_->refer(earlier, first, count);
}

std::string BlockWriter::trouble_with(const BlockMap& earlier) const {
  return work_->trouble_with(earlier);
}

std::uint64_t BlockWriter::size() const { return work_->size(); }

const std::vector<std::string>& BlockWriter::remarks() const { return work_->remarks(); }

Written BlockWriter::finish() { return work_->finish(); }

}  // namespace prism::blocks
