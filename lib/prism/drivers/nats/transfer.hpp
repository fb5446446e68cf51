#pragma once

#include <prism/base/stream.hpp>
#include <prism/drivers/nats/jetstream.hpp>

namespace prism::nats {

/// A snapshot as the server sends it (streamSnapshot in server/jetstream_api.go): chunks to a
/// subject of ours, each acknowledged at its reply subject, whose last word is its number; an empty
/// one is the end.
class SnapshotSource : public ByteSource {
 public:
  /// Asks for the snapshot of a stream, its messages checked first. Throws Error(input_missing)
  /// where there is none.
  SnapshotSource(JetStream& jetstream, const std::string& stream);

  /// `config` and `state`, from which the stream is restored.
  const Stream& stream() const { return stream_; }
  /// Where all that comes is written as well, from now on.
  void copy_to(ByteSink& copy) { copy_ = &copy; }

  std::size_t read(std::span<char> into) override;

 private:
  bool next_chunk();

  Connection& connection_;
  std::string name_;
  ByteSink* copy_ = nullptr;
  Subscription chunks_;
  Stream stream_;
  std::string chunk_;
  std::size_t at_ = 0;
  std::uint64_t received_ = 0;
  bool ended_ = false;
};

/// Sends a snapshot to the server, which makes the stream of it (processStreamRestore in
/// server/jetstream_api.go): chunks to the subject that it names, some of them unanswered at a
/// time, and an empty one at the end, which is answered once the stream is there. Returns the
/// stream's state.
Json send_snapshot(JetStream& jetstream, const Stream& stream, ByteSource& snapshot);

}  // namespace prism::nats
