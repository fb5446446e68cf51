#include <csignal>
#include <optional>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/parallel_load.hpp>

namespace prism::postgres {
namespace {

constexpr std::size_t kPiece = std::size_t{512} << 10;
constexpr std::size_t kRow = std::size_t{4} << 10;  ///< that few rows are longer than

bool is_setting(std::string_view statement) {
  return statement.starts_with("SET ") || statement.starts_with("SELECT pg_catalog.set_config(");
}

}  // namespace

ParallelLoad::ParallelLoad(Connect connect, std::size_t jobs, const Cancel& cancel)
    : connect_(std::move(connect)),
      jobs_(jobs),
      cancel_(&cancel),
      text_([this](std::string_view statement, std::uint64_t) { end_statement(statement); },
            [this](std::string_view piece, bool is_end) { take_row(piece, is_end); },
            [this](std::string_view copy) { begin_rows(copy); }),
      other_(connect_(cancel_)),
      queue_(2 * jobs) {}

ParallelLoad::~ParallelLoad() {
  if (!threads_.empty()) stop();
}

void ParallelLoad::finish() {
  text_.finish();
  queue_.close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  throw_failure();
  other_->commit();
}

// ---- what is read -------------------------------------------------------------------------------

void ParallelLoad::begin_rows(std::string_view copy) {
  if (threads_.empty()) start();
  rows_.copy = std::make_shared<const std::string>(copy);
}

void ParallelLoad::take_row(std::string_view piece, bool is_end) {
  if (rows_.text.empty()) rows_.text.reserve(kPiece + kRow);
  rows_.text += piece;
  if (!is_end) return;
  rows_.text += '\n';
  whole_ = rows_.text.size();
  if (whole_ >= kPiece) send();
}

/// Behind rows it is their COPY once more.
void ParallelLoad::end_statement(std::string_view statement) {
  if (rows_.copy) {
    rows_.text.resize(whole_);  // the line that ends them may have come in two pieces
    if (whole_ > 0) send();
    rows_.copy.reset();
    return;
  }
  if (is_setting(statement)) {
    if (!threads_.empty()) {
      throw Error(ErrorCode::bad_data, "the archive changes settings between its rows",
                  "restore it without --jobs");
    }
    settings_.emplace_back(statement);
  }
  other_->execute(std::string(statement));
}

void ParallelLoad::send() {
  const bool taken = queue_.push({rows_.copy, std::move(rows_.text)});
  rows_.text.clear();
  whole_ = 0;
  if (!taken) throw_failure();
}

// ---- who writes it ------------------------------------------------------------------------------

void ParallelLoad::start() {
  for (std::size_t i = 0; i < jobs_; ++i) threads_.emplace_back([this] { work(); });
}

void ParallelLoad::work() noexcept {
  try {
    const auto connection = connect_(cancel_);
    for (const std::string& setting : settings_) connection->execute(setting);
    load(*connection);
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    cancel_.request(SIGTERM);
    queue_.close();
  }
}

void ParallelLoad::load(BulkConnection& connection) {
  std::shared_ptr<const std::string> copy;
  while (const std::optional<Rows> rows = queue_.pop()) {
    cancel_.check();
    if (rows->copy != copy) {
      if (copy) connection.end_copy();
      copy = rows->copy;
      connection.begin_copy(*copy);
    }
    connection.put(rows->text);
  }
  cancel_.check();
  if (copy) connection.end_copy();
  if (!connection.commit()) {
    throw Error(ErrorCode::unavailable, "the connection was lost while its rows were committed");
  }
}

void ParallelLoad::stop() noexcept {
  cancel_.request(SIGTERM);
  queue_.close();
  for (std::thread& thread : threads_) thread.join();
}

void ParallelLoad::throw_failure() {
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace prism::postgres
