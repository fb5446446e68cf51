#include <cerrno>
#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/backoff.hpp>
#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>
#include <prism/base/files.hpp>
#include <prism/base/nameless_file.hpp>
#include <prism/base/text.hpp>
#include <prism/base/view_source.hpp>
#include <prism/drivers/postgres/physical/replication.hpp>
#include <prism/drivers/postgres/session.hpp>
#include <prism/drivers/postgres/wal/receive.hpp>
#include <prism/drivers/postgres/wal/segment_header.hpp>
#include <prism/drivers/postgres/wal/timelines.hpp>

namespace prism::postgres {
namespace {

/// A segment on its way, in a file: some have a gigabyte.
class GrowingSegment {
 public:
  explicit GrowingSegment(const std::filesystem::path& folder) : file_(nameless_file(folder)) {}

  void append(std::string_view bytes) {
    write_all(file_.get(), bytes, kName);
    size_ += bytes.size();
    if (begin_.size() < kBegin) begin_ += bytes.substr(0, kBegin - begin_.size());
  }

  std::uint64_t size() const { return size_; }
  /// As much as tells what segment it is.
  std::string_view begin() const { return begin_; }

  /// Of all that came; nothing more may come.
  FileSource content() {
    if (::lseek(file_.get(), 0, SEEK_SET) != 0) throw system_error(errno, kName);
    return {std::move(file_), kName};
  }

 private:
  static constexpr std::size_t kBegin = 8192;
  static constexpr const char* kName = "a segment that is received";

  FileDescriptor file_;
  std::uint64_t size_ = 0;
  std::string begin_;
};

/// The server has removed what is asked for, or keeps nothing of it any more.
bool is_removed(const Failure& failure) {
  return failure.sqlstate() == "58P01" ||
         std::string_view(failure.what()).find("has already been removed") !=
             std::string_view::npos;
}

class Receiver {
 public:
  Receiver(const ReceiveOptions& options, repository::Repository& repository, Log& log,
           const Cancel& cancel)
      : options_(options),
        address_(read_address(options.server)),
        repository_(repository),
        log_(log),
        cancel_(cancel) {}

  /// One connection, up to its end. True: what was to be had once is had.
  bool run() {
    Replication replication(address_, options_.server.settings.connection_timeout, cancel_);
    const SystemIdentity system = replication.identify();
    received_.system_id = system.id;
    bytes_ = replication.segment_bytes();
    archive_.emplace(repository_, system.id, options_.wal, cancel_);
    if (options_.slot) ensure_slot(replication);
    if (options_.once && !goal_) goal_ = goal();
    StreamStart start = begin_of(replication, system);
    if (behind_gap_.lsn > start.lsn) start = behind_gap_;
    while (!is_done(start.lsn)) {
      const auto next = stream(replication, start);
      if (!next) return is_done(at_);
      put_history(replication, next->next_timeline);
      start = {next->next_timeline, next->begin / bytes_ * bytes_};
    }
    return true;
  }

  const Received& received() const { return received_; }

 private:
  bool is_done(Lsn durable) const { return goal_ && durable >= *goal_; }

  Session session() const {
    return Session(address_, options_.server.settings.connection_timeout, cancel_);
  }

  /// Of the segment that is being written; where the user may and it is a primary, that is ended
  /// first.
  Lsn goal() const {
    constexpr const char* kWhere =
        "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() "
        "ELSE pg_current_wal_flush_lsn() END";
    Session asked = session();
    constexpr const char* kMay =
        "SELECT NOT pg_is_in_recovery() AND has_function_privilege('pg_switch_wal()', 'EXECUTE')";
    if (asked.is_true(kMay)) {
      const Lsn end = parse_lsn(asked.text("SELECT pg_switch_wal()")).value_or(0);
      return (end + bytes_ - 1) / bytes_ * bytes_;
    }
    log_.warning(options_.name +
                 ": the segment that is being written is not ended, for which a primary and the "
                 "right to call pg_switch_wal() are needed: it is not archived yet");
    return parse_lsn(asked.text(kWhere)).value_or(0) / bytes_ * bytes_;
  }

  StreamStart begin_of(Replication& replication, const SystemIdentity& system) {
    std::vector<TimelineEnd> history;
    if (system.timeline > 1) {
      const auto [name, text] = replication.timeline_history(system.timeline);
      history = parse_history(text, name);
      for (const TimelineEnd& one : history) put_history(replication, one.timeline);
      put_history(replication, system.timeline);
    }
    const StreamStart start = first_lacking(archive_->list(), history, system.timeline, bytes_);
    needed_ = 0;
    return start.timeline == 0 ? StreamStart{system.timeline, first_of_all(system)} : start;
  }

  /// Keys that reach no more than the archive of WAL are enough for it.
  std::optional<CopyWal> copy_of(const SystemIdentity& system) {
    try {
      return oldest_copy(repository_, system.id, system.timeline);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::permission) throw;
      log_.warning(options_.name + ": whether a copy needs older WAL can't be seen: " + e.what());
      return {};
    }
  }

  /// Where nothing is archived. A copy that is there can only be recovered beyond its own moment by
  /// all that was written since.
  Lsn first_of_all(const SystemIdentity& system) {
    const Lsn at = first(system);
    const auto copy = copy_of(system);
    needed_ = copy ? copy->last : std::numeric_limits<Lsn>::max();
    return copy ? std::min(at, copy->first / bytes_ * bytes_) : at;
  }

  /// A slot that the server has invalidated (max_slot_wal_keep_size) holds no WAL any more, even
  /// where it can still be streamed by. A logical one is not ours: the server refuses it. Servers
  /// before 13 have no such column.
  void ensure_slot(Replication& replication) const {
    constexpr const char* kState =
        "SELECT coalesce((SELECT coalesce(CASE slot_type WHEN 'physical' "
        "THEN to_json(s)->>'wal_status' END, 'reserved') "
        "FROM pg_replication_slots s WHERE slot_name = $1), 'none')";
    Session asked = session();
    const std::string state = asked.text(kState, {*options_.slot});
    if (state == "lost") {
      log_.warning(options_.name + ": the server held too much for the slot " +
                   in_quotes(*options_.slot) +
                   " (max_slot_wal_keep_size) and has given it up: it is made anew");
      asked.text("SELECT pg_drop_replication_slot($1)", {*options_.slot});
    }
    if (state == "lost" || state == "none") replication.create_slot({*options_.slot, false});
  }

  /// Where there is nothing to go on from.
  Lsn oldest(const SystemIdentity& system) const {
    if (!options_.slot) return system.flushed;
    const std::string lsn = session().text(
        "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = $1", {*options_.slot});
    return parse_lsn(lsn).value_or(system.flushed);
  }

  /// With a segment before the goal: where nothing is stored, the next run would not know where to
  /// go on.
  Lsn first(const SystemIdentity& system) const {
    const Lsn at = oldest(system) / bytes_ * bytes_;
    return goal_ && *goal_ > bytes_ ? std::min(at, *goal_ - bytes_) : at;
  }

  /// That the server still has, as far as the user may look.
  Lsn oldest_kept(const SystemIdentity& system) const {
    constexpr const char* kNames =
        "SELECT min(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND left(name, 8) = $1";
    try {
      const std::string name = session().text(kNames, {fmt::format("{:08X}", system.timeline)});
      const auto segment = parse_segment_name(name);
      return segment ? segment->number(bytes_) * bytes_ : first(system);
    } catch (const Failure& failure) {
      constexpr const char* kMayNot = "42501";
      if (failure.sqlstate() != kMayNot) throw;
      return first(system);
    }
  }

  void put_history(Replication& replication, std::uint32_t timeline) {
    if (timeline < 2) return;
    const auto [name, text] = replication.timeline_history(timeline);
    ViewSource content(text);
    if (archive_->put(name, content) == WalArchive::Put::stored) ++received_.histories;
  }

  std::optional<StreamEnd> stream(Replication& replication, const StreamStart& start) {
    at_ = start.lsn;
    timeline_ = start.timeline;
    segment_.emplace(options_.scratch_folder);
    try {
      return replication.stream(options_.slot, start.lsn, start.timeline,
                                [this](const WalMessage& message) { return take(message); });
    } catch (const Failure& failure) {
      if (!is_removed(failure)) throw;
      go_behind_gap(failure);
      at_ = 0;
      return {};
    }
  }

  /// On the next connection, once it was told.
  void go_behind_gap(const Failure& failure) {
    const std::string first = segment_at(timeline_, at_, bytes_).text();
    const std::string object = "wal/" + received_.system_id + "/gaps/" + first;
    const std::string words =
        fmt::format("{}: the server has removed WAL that the archive lacks, from {} on: {}",
                    options_.name, first, failure.what());
    // The connection on which it failed may have more to say.
    const auto system =
        Replication(address_, options_.server.settings.connection_timeout, cancel_).identify();
    const Lsn next = oldest_kept(system);
    behind_gap_ = {system.timeline, next};
    if (next > at_ && next <= needed_) return;
    const bool told = was_told(object);
    if (!told) note(object, words);
    if (!told || next <= at_) {
      throw Error(ErrorCode::critical, words,
                  "no restore can pass it: make a full backup; the next wal receive goes on behind "
                  "it");
    }
    log_.warning(words + "; going on at " + segment_at(system.timeline, next, bytes_).text());
  }

  bool was_told(const std::string& object) const {
    for (const auto& one : repository_.list("wal/" + received_.system_id + "/gaps/")) {
      if (one.name == object) return true;
    }
    return false;
  }

  void note(const std::string& object, const std::string& words) const {
    const auto sink = repository_.create(object);
    sink->write(words + "\n");
    sink->finish();
  }

  /// How far it is durable; nothing to end.
  std::optional<Lsn> take(const WalMessage& message) {
    if (cancel_.requested()) return {};
    std::string_view bytes = message.bytes;
    if (!bytes.empty() && message.start != at_ + segment_->size()) {
      throw Error(ErrorCode::io,
                  fmt::format("{}: the server sent WAL of {}, expected {}", options_.name,
                              lsn_text(message.start), lsn_text(at_ + segment_->size())));
    }
    while (!bytes.empty()) {
      const std::size_t size = std::min<std::size_t>(bytes.size(), bytes_ - segment_->size());
      segment_->append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      if (segment_->size() == bytes_) put_segment();
    }
    return is_done(at_) ? std::nullopt : std::optional(at_);
  }

  void put_segment() {
    const std::string name = segment_at(timeline_, at_, bytes_).text();
    require_segment(segment_->begin(), bytes_, received_.system_id, name,
                    options_.name + ": " + name);
    FileSource content = segment_->content();
    if (archive_->put(name, content) == WalArchive::Put::stored) {
      ++received_.segments;
      received_.bytes += bytes_;
    }
    received_.last = name;
    log_.debug(options_.name + ": " + name);
    at_ += bytes_;
    segment_.emplace(options_.scratch_folder);
  }

  const ReceiveOptions& options_;
  Address address_;
  repository::Repository& repository_;
  Log& log_;
  const Cancel& cancel_;
  std::uint64_t bytes_ = 0;  ///< of a segment
  std::optional<WalArchive> archive_;
  std::optional<Lsn> goal_;
  StreamStart behind_gap_;  ///< where an earlier run has found one
  std::uint32_t timeline_ = 0;
  Lsn needed_ = 0;  ///< what lies before it is no gap: nothing is archived, and no copy needs it
  Lsn at_ = 0;      ///< what lies before it is durable
  std::optional<GrowingSegment> segment_;  ///< what came of the one that begins there
  Received received_;
};

bool passes(const Error& error) {
  const auto* const failure = dynamic_cast<const Failure*>(&error);
  return failure != nullptr
             ? failure->retryable()
             : error.code() == ErrorCode::unavailable || error.code() == ErrorCode::io;
}

}  // namespace

Received receive_wal(const ReceiveOptions& options, repository::Repository& repository, Log& log,
                     const Cancel& cancel) {
  constexpr std::chrono::seconds kPause{5};
  Receiver receiver(options, repository, log, cancel);
  const auto limit = std::max<std::chrono::milliseconds>(options.server.wait, kRetryFor);
  const auto end = std::chrono::steady_clock::now() + limit;
  std::string told;
  while (!cancel.requested()) {
    try {
      if (receiver.run()) break;
      log.info(options.name + ": the server has ended the stream; connecting again");
    } catch (const Error& e) {
      if (cancel.requested()) break;
      if (!passes(e) || (options.once && std::chrono::steady_clock::now() >= end)) throw;
      if (told != e.what()) log.warning(options.name + ": " + e.what() + "; trying again");
      told = e.what();
    }
    sleep_unless(cancel, options.once ? std::chrono::milliseconds(200) : kPause);
  }
  if (options.once) cancel.check();
  return receiver.received();
}

}  // namespace prism::postgres
