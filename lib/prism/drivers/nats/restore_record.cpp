#include <chrono>

#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/nats/jetstream.hpp>
#include <prism/drivers/nats/restore_record.hpp>

namespace prism::nats {
namespace {

constexpr const char* kNowhere = "PRISMCTL_NOWHERE";

}  // namespace

void write_restore_record(JetStream& jetstream, const std::string& what) {
  // One of an earlier restore stays until this one has come to its end.
  if (read_restore_record(jetstream)) return;
  const std::string words = fmt::format("a restore of {}, begun {} on {}", what,
                                        format_utc(std::chrono::system_clock::now()), host_name());
  jetstream.call(fmt::format("STREAM.CREATE.{}", kRestoreRecord),
                 {{"name", kRestoreRecord},
                  {"description", words},
                  {"sources", Json::array({{{"name", kNowhere}}})},
                  {"storage", "file"},
                  {"retention", "limits"},
                  {"num_replicas", 1}},
                 "noting that a restore begins");
}

void remove_restore_record(JetStream& jetstream) { jetstream.remove_stream(kRestoreRecord); }

std::optional<std::string> read_restore_record(JetStream& jetstream) {
  try {
    const Stream record = jetstream.stream(kRestoreRecord);
    return record.config.value("description", "a restore") + ", did not come to its end";
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing) return {};
    throw;
  }
}

}  // namespace prism::nats
