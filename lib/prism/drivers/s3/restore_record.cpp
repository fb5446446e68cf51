#include <chrono>
#include <map>
#include <sstream>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/restore_record.hpp>

namespace prism::s3 {
namespace {

constexpr int kMissing = 404;

/// Anybody may have written it.
std::string shown(const std::string& value) {
  const std::string quoted = in_quotes(value);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

void write_restore_record(Client& client, const Scope& scope, const std::string& what) {
  const std::string text = "started " + format_utc(std::chrono::system_clock::now()) + "\nhost " +
                           host_name() + "\nwhat " + what + "\n";
  client.send({.method = "PUT",
               .key = scope.key_of(kRestoreRecord),
               .headers = {{"content-type", "text/plain"}},
               .body = text});
}

void remove_restore_record(Client& client, const Scope& scope) {
  remove_object(client, scope.key_of(kRestoreRecord));
}

std::optional<std::string> read_restore_record(Client& client, const Scope& scope) {
  constexpr std::size_t kLongest = 4096;
  Piece piece;
  try {
    piece = get_piece(client, scope.key_of(kRestoreRecord), 0, kLongest);
  } catch (const Failure& failure) {
    if (failure.status() != kMissing) throw;
    return std::nullopt;
  }
  std::map<std::string, std::string> fields;
  std::istringstream lines(piece.bytes);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = std::min(line.find(' '), line.size());
    fields[line.substr(0, blank)] = shown(line.substr(std::min(blank + 1, line.size())));
  }
  return "a restore of " + fields["what"] + ", begun " + fields["started"] + " on " +
         fields["host"] + ", did not come to its end";
}

}  // namespace prism::s3
