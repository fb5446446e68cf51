#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/queue.hpp>
#include <prism/drivers/postgres/archive_text.hpp>
#include <prism/drivers/postgres/bulk_connection.hpp>

namespace prism::postgres {

/// Puts the data of an archive, as the text of `pg_restore --section=data`, into a database over
/// several connections at once: each takes pieces of whole rows in turn, of one large table too.
/// Indexes and constraints must come later, as they do in an archive: the order of the rows is not
/// kept. Each connection is one transaction, which ends in finish().
class ParallelLoad {
 public:
  using Connect = std::function<std::unique_ptr<BulkConnection>(const Cancel& cancel)>;

  /// `jobs` connections for rows and one for all else are made, each by `connect` on the thread
  /// that uses it.
  ParallelLoad(Connect connect, std::size_t jobs, const Cancel& cancel);
  /// Without finish() nothing remains of the rows.
  ~ParallelLoad();
  ParallelLoad(const ParallelLoad&) = delete;
  ParallelLoad& operator=(const ParallelLoad&) = delete;

  /// In pieces of any size. Throws what ended one of the connections.
  void add(std::string_view text) { text_.add(text); }
  void finish();

 private:
  /// Rows, with their line ends, and the COPY that they are of.
  struct Rows {
    std::shared_ptr<const std::string> copy;
    std::string text;
  };

  void begin_rows(std::string_view copy);
  void take_row(std::string_view piece, bool is_end);
  void end_statement(std::string_view statement);
  void send();
  void start();
  void work() noexcept;
  void load(BulkConnection& connection);
  void stop() noexcept;
  void throw_failure();

  Connect connect_;
  std::size_t jobs_;
  Cancel cancel_;  ///< the connections', which ends with the whole or by stop()
  ArchiveText text_;
  std::unique_ptr<BulkConnection> other_;  ///< for all that is no row
  std::vector<std::string> settings_;      ///< what was said before the first row
  Rows rows_;
  std::size_t whole_ = 0;  ///< bytes of rows_.text that are whole rows
  BoundedQueue<Rows> queue_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr failure_;  ///< of the connection that failed first
};

}  // namespace prism::postgres
