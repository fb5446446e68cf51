#include <algorithm>
#include <set>

#include <prism/base/text.hpp>
#include <prism/drivers/nats/consumers.hpp>
#include <prism/drivers/nats/memory_stream.hpp>
#include <prism/drivers/nats/restorer.hpp>
#include <prism/drivers/nats/stream_artifacts.hpp>
#include <prism/drivers/nats/subjects.hpp>
#include <prism/drivers/nats/transfer.hpp>

namespace prism::nats {
namespace {

void require_no_overlap(const Stream& stays, const StoredStream& stored, const std::string& where) {
  for (const std::string& a : stays.subjects()) {
    for (const std::string& b : stored.stream.subjects()) {
      if (!overlap(a, b)) continue;
      throw Error(ErrorCode::refused,
                  where + ": stream " + stays.name() + ", which is not in the backup, takes " +
                      in_quotes(a) + ", as stream " + stored.entry.name + " of the backup does",
                  "nothing was touched; remove it, or restore with --exact, which does");
    }
  }
}

/// What can't be copied is in no safety copy either.
void require_copyable(const Stream& goes, const std::string& where) {
  const std::string why = goes.is_in_memory() ? why_not_copied(goes) : "";
  if (why.empty()) return;
  throw Error(ErrorCode::refused,
              where + ": stream " + goes.name() +
                  ", which the restore would remove, can't be copied before: it is " + why,
              "nothing was touched; remove it before, if it may be lost");
}

/// Which of those that are there a restore removes.
class GoingStreams {
 public:
  GoingStreams(const std::vector<StoredStream>& backup, const std::vector<std::string>& kept,
               bool exact)
      : kept_(kept.begin(), kept.end()), exact_(exact) {
    for (const StoredStream& stored : backup) names_.insert(stored.entry.name);
  }

  bool has(const std::string& name) const {
    return names_.contains(name) || (exact_ && !kept_.contains(name));
  }

 private:
  std::set<std::string> names_, kept_;
  bool exact_;
};

}  // namespace

void Restorer::require_room(const std::vector<StoredStream>& backup,
                            const std::vector<std::string>& kept, bool exact) {
  const GoingStreams going(backup, kept, exact);
  for (const Stream& present : jetstream_.streams()) {
    const std::string where = jetstream_.connection().where();
    if (going.has(present.name())) {
      require_copyable(present, where);
      continue;
    }
    for (const StoredStream& stored : backup) require_no_overlap(present, stored, where);
  }
}

void Restorer::make_room(const std::vector<StoredStream>& backup,
                         const std::vector<std::string>& kept, bool exact) {
  const GoingStreams going(backup, kept, exact);
  for (const Stream& present : jetstream_.streams()) {
    if (going.has(present.name())) jetstream_.remove_stream(present.name());
  }
}

void Restorer::restore(std::vector<StoredStream> backup) {
  std::stable_partition(backup.begin(), backup.end(),
                        [](const StoredStream& one) { return !one.stream.is_fed(); });
  for (const StoredStream& stored : backup) restore(stored);
}

void Restorer::restore(const StoredStream& stored) {
  Stream stream = stored.stream;
  if (!ages_) stream.config["max_age"] = 0;
  if (stored.entry.form == Form::snapshot) {
    const auto source = artifacts_.open(stored.entry.data_artifact());
    send_snapshot(jetstream_, stream, *source);
  } else {
    restore_messages(jetstream_, artifacts_, stored.entry, stream);
  }
  for (const Json& consumer : read_consumers(artifacts_, stored.entry)) {
    create_consumer(jetstream_, stream, consumer);
  }
  require_whole(stored);
}

/// Fewer messages than the backup has are no surprise where they grow old, or go once those who
/// wait for them have them, or where the server counted what came behind its snapshot.
void Restorer::require_whole(const StoredStream& stored) {
  const std::string& name = stored.entry.name;
  const std::uint64_t found = jetstream_.stream(name).messages();
  if (found >= stored.entry.messages) return;
  const std::string words =
      jetstream_.connection().where() + ": stream " + name + ": " + with_separators(found) +
      " messages after the restore, the backup has " + with_separators(stored.entry.messages);
  const Json& config = stored.stream.config;
  const bool may_go = !stored.entry.at_rest ||
                      (ages_ && config.value("max_age", std::int64_t{0}) > 0) ||
                      config.value("retention", "limits") != "limits";
  if (!may_go) throw Error(ErrorCode::critical, words, "see the server's log");
  log_.warning(words);
}

}  // namespace prism::nats
