#include <prism/base/text.hpp>
#include <prism/drivers/nats/consumers.hpp>
#include <prism/drivers/nats/dumper.hpp>
#include <prism/drivers/nats/memory_stream.hpp>
#include <prism/drivers/nats/snapshot.hpp>
#include <prism/drivers/nats/stream_artifacts.hpp>
#include <prism/drivers/nats/transfer.hpp>

namespace prism::nats {
namespace {

IndexEntry entry_of(const Stream& stream, Form form) {
  return {.name = stream.name(), .stem = stem_of(stream.name()), .form = form};
}

/// What is wrong with it came over the wire: nothing of it was ever stored.
Snapshot read_while_copied(SnapshotSource& source, const std::string& where, const Cancel& cancel) {
  try {
    return read_snapshot(source, cancel);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    throw Error(ErrorCode::io, where + ": what the server sent is not whole: " + e.what(),
                "see the server's log");
  }
}

}  // namespace

void Dumper::add(const Stream& stream) {
  if (!stream.is_in_memory()) return add_snapshot(stream);
  const std::string why = why_not_copied(stream);
  if (why.empty()) return add_messages(stream);
  leave_out(stream.name(), why);
}

void Dumper::leave_out(const std::string& stream, const std::string& why) {
  index_.left_out.push_back(stream);
  left_out_.push_back("stream " + stream + ": " + why);
}

void Dumper::add_snapshot(const Stream& stream) {
  IndexEntry entry = entry_of(stream, Form::snapshot);
  const Connection& connection = jetstream_.connection();
  const std::vector<Json> consumers = jetstream_.durable_consumers(entry.name);
  SnapshotSource source(jetstream_, entry.name);
  write_stream(artifacts_, entry, source.stream());
  const auto sink = artifacts_.create(entry.data_artifact());
  source.copy_to(*sink);
  const Snapshot snapshot =
      read_while_copied(source, connection.where() + ": stream " + entry.name, connection.cancel());
  sink->finish();
  entry.messages = snapshot.messages.value_or(source.stream().messages());
  entry.consumers = snapshot.consumers.size();
  entry.at_rest = is_at_rest(source.stream(), entry.messages);
  std::vector<Json> others;
  for (const Json& consumer : consumers) {
    if (!snapshot.consumers.contains(durable_name(consumer))) others.push_back(consumer);
  }
  add_consumers(entry, others);
  index_.streams.push_back(entry);
}

bool Dumper::is_at_rest(const Stream& before, std::uint64_t messages) {
  const Stream after = jetstream_.stream(before.name());
  return before.last() == after.last() && before.messages() == messages &&
         after.messages() == messages;
}

void Dumper::add_messages(const Stream& stream) {
  IndexEntry entry = entry_of(stream, Form::messages);
  // Before the messages: what is acknowledged meanwhile is delivered once more, not lost.
  const std::vector<Json> consumers = jetstream_.durable_consumers(entry.name);
  write_stream(artifacts_, entry, stream);
  const auto sink = artifacts_.create(entry.data_artifact());
  const CopiedMessages copied = copy_messages(jetstream_, stream, *sink);
  entry.messages = copied.count;
  entry.at_rest = is_at_rest(stream, copied.count);
  if (copied.homeless > 0) {
    left_out_.push_back("stream " + entry.name +
                        ", in memory: " + with_separators(copied.homeless) +
                        " messages of subjects that it no longer takes");
  }
  if (copied.conditional > 0) {
    left_out_.push_back("stream " + entry.name + ", in memory: the headers Nats-Expected-… of " +
                        with_separators(copied.conditional) + " messages");
  }
  add_consumers(entry, consumers);
  index_.streams.push_back(entry);
}

void Dumper::add_consumers(IndexEntry& entry, const std::vector<Json>& consumers) {
  if (consumers.empty()) return;
  entry.has_consumers = true;
  entry.consumers += consumers.size();
  write_consumers(artifacts_, entry, consumers);
  for (const Json& consumer : consumers) {
    if (!is_amid(consumer)) continue;
    remarks_.push_back("stream " + entry.name + ": consumer " + durable_name(consumer) +
                       ", in memory, delivers once more what comes behind message " +
                       with_separators(floor_of(consumer)));
  }
}

backup::Content Dumper::finish(const std::string& version) {
  index_.server = version;
  write_text(artifacts_, Index::kArtifact, index_.to_json());
  return {version, index_.counts(), std::move(remarks_), std::move(left_out_)};
}

}  // namespace prism::nats
