#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/physical/copy_stream.hpp>
#include <prism/drivers/postgres/physical/replication.hpp>

namespace prism::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStatusEvery{10};
constexpr int kTick = 1000;  ///< milliseconds

Address for_replication(Address address) {
  address.conninfo += " replication='true'";
  return address;
}

std::string cell(const PGresult* result, int column) {
  if (PQntuples(result) < 1 || column >= PQnfields(result)) return {};
  return PQgetvalue(result, 0, column);
}

std::uint32_t timeline_at(const PGresult* result, int column) {
  const std::string digits = cell(result, column);
  std::uint32_t timeline = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), timeline);
  if (timeline == 0) throw Error(ErrorCode::bad_data, "the server names no timeline");
  return timeline;
}

/// Numbers of this protocol have their highest byte first.
std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

void append(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

std::string status_update(Lsn durable) {
  // The server counts microseconds from the year 2000.
  constexpr std::int64_t kEpoch = 946684800;
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch()) -
                   std::chrono::seconds(kEpoch);
  std::string message = "r";
  append(message, durable);
  append(message, durable);
  append(message, 0);
  append(message, static_cast<std::uint64_t>(now.count()));
  message += '\0';
  return message;
}

std::optional<WalMessage> message_of(std::string_view bytes) {
  constexpr std::size_t kWalHead = 25, kKeepalive = 18;
  if (bytes.size() >= kWalHead && bytes[0] == 'w') {
    return WalMessage{number_at(bytes, 1), number_at(bytes, 9), bytes.substr(kWalHead), false};
  }
  if (bytes.size() >= kKeepalive && bytes[0] == 'k') {
    return WalMessage{0, number_at(bytes, 1), {}, bytes[17] != 0};
  }
  return {};
}

/// A stream of WAL on its way.
class Streaming {
 public:
  using Take = std::function<std::optional<Lsn>(const WalMessage&)>;

  Streaming(PGconn* connection, Lsn start, const Cancel& cancel)
      : connection_(connection), cancel_(cancel), messages_(connection, cancel), durable_(start) {}

  /// Until `take` or the server ends it; true: it was the server.
  bool run(const Take& take) {
    std::string_view bytes;
    for (;;) {
      const auto next = messages_.next(bytes, kTick);
      if (next == CopyStream::Next::end) return true;
      auto message = next == CopyStream::Next::message ? message_of(bytes) : std::nullopt;
      if (!message) message = WalMessage{0, server_end_, {}, false};
      server_end_ = message->server_end;
      const auto durable = take(*message);
      if (!durable) return false;
      const bool has_grown = *durable > durable_;
      durable_ = *durable;
      if (has_grown || message->reply_requested || Clock::now() >= due_) tell();
    }
  }

  /// Ends our side, and reads what the server has sent until then.
  void end() {
    tell();
    if (PQputCopyEnd(connection_, nullptr) < 0) throw Failure("", PQerrorMessage(connection_));
    flush(connection_, cancel_);
    std::string_view bytes;
    while (messages_.next(bytes) == CopyStream::Next::message) continue;
  }

 private:
  /// A connection that is lost is told of by what is read next: the server may have ended in good
  /// order, and gone.
  void tell() {
    const std::string update = status_update(durable_);
    const bool sent =
        PQputCopyData(connection_, update.data(), static_cast<int>(update.size())) > 0;
    if (sent) (void)PQflush(connection_);
    due_ = Clock::now() + kStatusEvery;
  }

  PGconn* connection_;
  const Cancel& cancel_;
  CopyStream messages_;
  Lsn durable_, server_end_ = 0;
  Clock::time_point due_ = Clock::now() + kStatusEvery;
};

/// The next result. A server that stops in good order says that the command is done, and is gone
/// then: nothing, as at the end.
LibpqResult next_of_end(PGconn* connection, bool done, const Cancel& cancel) {
  try {
    return next_result(connection, cancel);
  } catch (const Failure& failure) {
    if (done && failure.sqlstate().empty()) return {};
    throw;
  }
}

/// All results from this one to the end; the one with a row.
std::optional<StreamEnd> read_end(PGconn* connection, LibpqResult result, const Cancel& cancel) {
  std::optional<StreamEnd> end;
  while (result) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
      if (PQputCopyEnd(connection, nullptr) < 0) throw Failure("", PQerrorMessage(connection));
      flush(connection, cancel);
    } else if (PQntuples(result.get()) > 0) {
      end = StreamEnd{timeline_at(result.get(), 0), parse_lsn(cell(result.get(), 1)).value_or(0)};
    }
    result = next_of_end(connection, status == PGRES_COMMAND_OK, cancel);
  }
  return end;
}

/// One command with one result.
LibpqResult run(PGconn* connection, const std::string& command, const Cancel& cancel) {
  cancel.check();
  if (PQsendQuery(connection, command.c_str()) == 0) {
    throw Failure("", PQerrorMessage(connection));
  }
  LibpqResult first = next_result(connection, cancel);
  if (!first) throw Failure("", "the server gave no answer");
  while (next_result(connection, cancel)) continue;
  return first;
}

/// `16MB`, `1GB`
std::uint64_t bytes_of(const std::string& size) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(size.data(), size.data() + size.size(), number);
  const std::string_view unit(parsed.ptr);
  if (unit == "GB") return number << 30;
  if (unit == "MB") return number << 20;
  throw Error(ErrorCode::internal, "wal_segment_size: found " + size);
}

}  // namespace

std::string lsn_text(Lsn lsn) { return fmt::format("{:X}/{:X}", lsn >> 32U, lsn & 0xFFFFFFFFU); }

std::optional<Lsn> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  const auto part = [](std::string_view digits) -> std::optional<std::uint32_t> {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
    return whole ? std::optional(number) : std::nullopt;
  };
  const auto high = part(text.substr(0, slash)), low = part(text.substr(slash + 1));
  if (!high || !low) return {};
  return std::uint64_t{*high} << 32U | *low;
}

Replication::Replication(const Address& address, std::chrono::milliseconds limit,
                         const Cancel& cancel)
    : cancel_(cancel), connection_(connect(for_replication(address), limit, cancel)) {
  if (PQsetnonblocking(connection_.get(), 1) != 0) {
    throw Failure("", PQerrorMessage(connection_.get()));
  }
}

int Replication::version() const { return PQserverVersion(connection_.get()); }

SystemIdentity Replication::identify() {
  const LibpqResult result = run(connection_.get(), "IDENTIFY_SYSTEM", cancel_);
  return {cell(result.get(), 0), timeline_at(result.get(), 1),
          parse_lsn(cell(result.get(), 2)).value_or(0)};
}

std::string Replication::show(const std::string& setting) {
  return cell(run(connection_.get(), "SHOW " + setting, cancel_).get(), 0);
}

std::uint64_t Replication::segment_bytes() { return bytes_of(show("wal_segment_size")); }

void Replication::create_slot(const Slot& slot) {
  constexpr const char* kThereAlready = "42710";
  try {
    run(connection_.get(),
        fmt::format("CREATE_REPLICATION_SLOT {}{} PHYSICAL RESERVE_WAL", quoted_name(slot.name),
                    slot.temporary ? " TEMPORARY" : ""),
        cancel_);
  } catch (const Failure& failure) {
    if (slot.temporary || failure.sqlstate() != kThereAlready) throw;
  }
}

std::pair<std::string, std::string> Replication::timeline_history(std::uint32_t timeline) {
  const LibpqResult result =
      run(connection_.get(), fmt::format("TIMELINE_HISTORY {}", timeline), cancel_);
  if (PQntuples(result.get()) < 1) throw Failure("", "the server gave no history");
  return {cell(result.get(), 0),
          std::string(PQgetvalue(result.get(), 0, 1),
                      static_cast<std::size_t>(PQgetlength(result.get(), 0, 1)))};
}

std::optional<StreamEnd> Replication::stream(
    const std::optional<std::string>& slot, Lsn start, std::uint32_t timeline,
    const std::function<std::optional<Lsn>(const WalMessage&)>& take) {
  const std::string named = slot ? "SLOT " + quoted_name(*slot) + " " : "";
  const std::string command =
      fmt::format("START_REPLICATION {}PHYSICAL {} TIMELINE {}", named, lsn_text(start), timeline);
  if (PQsendQuery(connection_.get(), command.c_str()) == 0) {
    throw Failure("", PQerrorMessage(connection_.get()));
  }
  LibpqResult begun = next_result(connection_.get(), cancel_);
  if (PQresultStatus(begun.get()) != PGRES_COPY_BOTH) {
    // A timeline that has ended just there: the server names the next one at once.
    return read_end(connection_.get(), std::move(begun), cancel_);
  }
  Streaming streaming(connection_.get(), start, cancel_);
  const bool ended_by_server = streaming.run(take);
  if (!ended_by_server) streaming.end();
  const auto end = read_end(connection_.get(), next_result(connection_.get(), cancel_), cancel_);
  return ended_by_server ? end : std::nullopt;
}

}  // namespace prism::postgres
