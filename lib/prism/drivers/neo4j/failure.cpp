#include <algorithm>
#include <array>

#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/failure.hpp>

namespace prism::neo4j {
namespace {

struct Row {
  std::string_view begin;  ///< of the status code
  Meaning meaning;
};

using enum ErrorCode;
using enum Again;

constexpr std::string_view kLogin =
    "check user and password in the URL, NEO4J_USER and "
    "NEO4J_PASSWORD";
constexpr std::string_view kOutOfMemory =
    "see dbms.memory.transaction.total.max there, or set NEO4J_BATCH_SIZE lower";

/// The first that fits counts.
constexpr std::array kMeanings{
    Row{"Neo.ClientError.Security.AuthenticationRateLimit",
        {permission, never, "too many logins failed, so that the server takes none for a while",
         "wait some seconds (dbms.security.auth_lock_time there), then check the password"}},
    Row{"Neo.ClientError.Security.Unauthorized",
        {permission, never, "user and password are not accepted", kLogin}},
    Row{"Neo.ClientError.Security.AuthProviderFailed",
        {permission, never, "the server cannot check the login", "see its log"}},
    Row{"Neo.ClientError.Security.CredentialsExpired",
        {permission, never, "the password must be changed before it is used",
         "in cypher-shell: ALTER CURRENT USER SET PASSWORD FROM '…' TO '…'"}},
    Row{"Neo.ClientError.Security.TokenExpired",
        {permission, never, "the token has expired", "get a new one and set NEO4J_TOKEN"}},
    Row{"Neo.ClientError.Security.AuthorizationExpired", {permission, later, "", kLogin}},
    Row{"Neo.ClientError.Security.Forbidden",
        {permission, never, "", "the user lacks a right; see GRANT"}},
    Row{"Neo.ClientError.Security.", {permission, never, "", kLogin}},
    Row{"Neo.ClientError.Database.DatabaseNotFound",
        {configuration, never, "",
         "bolt://host/database names one; SHOW DATABASES tells which there are"}},
    Row{"Neo.ClientError.Database.", {configuration, never, "", ""}},
    Row{"Neo.ClientError.Cluster.NotALeader",
        {unavailable, elsewhere, "", "name the cluster neo4j://host, then the writer is found"}},
    Row{"Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
        {permission, elsewhere, "",
         "the database is set to be read only, or this server is not its writer"}},
    Row{"Neo.ClientError.General.WriteOnReadOnlyAccessDatabase",
        {permission, never, "", "see server.databases.read_only there"}},
    Row{"Neo.ClientError.General.TransactionOutOfMemoryError", {io, never, "", kOutOfMemory}},
    Row{"Neo.ClientError.Schema.ConstraintValidationFailed", {bad_data, never, "", ""}},
    Row{"Neo.ClientError.Schema.ConstraintViolation", {bad_data, never, "", ""}},
    Row{"Neo.DatabaseError.Schema.ConstraintCreationFailed",
        {bad_data, never, "", "the graph holds what the constraint forbids, such as doubled UIDs"}},
    Row{"Neo.ClientError.Statement.ExternalResourceFailed",
        {configuration, never, "",
         "PRISM_NEO4J_IMPORT_DIR must be the folder that the server imports from"}},
    Row{"Neo.ClientError.Transaction.TransactionTimedOut",
        {unavailable, never, "", "see db.transaction.timeout there"}},
    Row{"Neo.ClientError.Transaction.Terminated",
        {unavailable, never, "", "someone ended it, or the server is stopping"}},
    Row{"Neo.ClientError.Transaction.LockClientStopped",
        {unavailable, never, "", "someone ended it, or the server is stopping"}},
    Row{"Neo.TransientError.Transaction.Terminated",
        {unavailable, never, "", "someone ended it, or the server is stopping"}},
    Row{"Neo.TransientError.Transaction.LockClientStopped",
        {unavailable, never, "", "someone ended it, or the server is stopping"}},
    Row{"Neo.TransientError.General.MemoryPoolOutOfMemoryError", {io, never, "", kOutOfMemory}},
    Row{"Neo.TransientError.General.TransactionMemoryLimit", {io, never, "", kOutOfMemory}},
    Row{"Neo.TransientError.General.OutOfMemoryError",
        {io, never, "", "see server.memory.heap.max_size there, or set NEO4J_BATCH_SIZE lower"}},
    Row{"Neo.TransientError.", {unavailable, later, "", "the server is busy; try again"}},
    Row{"Neo.DatabaseError.", {io, never, "", "see the server's debug.log"}},
    Row{"Neo.", {internal, never, "", ""}},
};

constexpr Meaning kNoServer{unavailable, later, "",
                            "check that the server runs and that the URL is right"};

/// The first line, for what follows quotes the statement; and of a line not all that could have
/// been expected in place of a word.
std::string first_line(std::string_view message) {
  constexpr std::size_t kLong = 300;
  message = trimmed(message);
  const std::string line(message.substr(0, message.find('\n')));
  if (line.size() <= kLong) return line;
  const auto end = line.rfind(' ', kLong);
  return line.substr(0, end == std::string::npos ? kLong : end) + " …";
}

std::string shown(const std::string& where, const std::string& server_code,
                  std::string_view message) {
  const std::string_view ours = meaning_of(server_code).words;
  return where + ": " + (ours.empty() ? first_line(message) : std::string(ours)) + " (" +
         server_code + ")";
}

std::string hint_of(const Error& cause, std::string_view hint) {
  if (!cause.hint().empty()) return cause.hint();
  return std::string(hint.empty() ? kNoServer.hint : hint);
}

}  // namespace

Meaning meaning_of(std::string_view server_code) {
  if (server_code.empty()) return kNoServer;
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Row& row) {
    return server_code.starts_with(row.begin);
  });
  return found == kMeanings.end() ? Meaning{} : found->meaning;
}

Failure::Failure(const std::string& where, std::string server_code, std::string_view message)
    : Error(meaning_of(server_code).code, shown(where, server_code, message),
            std::string(meaning_of(server_code).hint)),
      server_code_(std::move(server_code)),
      again_(meaning_of(server_code_).again) {}

Failure::Failure(const Error& cause, std::string_view hint)
    : Error(kNoServer.code, cause.what(), hint_of(cause, hint)), again_(kNoServer.again) {}

Failure::~Failure() = default;

bool Failure::is_out_of_memory() const {
  constexpr std::array<std::string_view, 4> kCodes{
      "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
      "Neo.TransientError.General.TransactionMemoryLimit",
      "Neo.TransientError.General.OutOfMemoryError",
      "Neo.ClientError.General.TransactionOutOfMemoryError"};
  return std::find(kCodes.begin(), kCodes.end(), server_code_) != kCodes.end();
}

CommitUnknown::CommitUnknown(const Error& cause)
    : Error(ErrorCode::unavailable,
            std::string(cause.what()) + "; whether the transaction was committed is not known",
            cause.hint()) {}

CommitUnknown::~CommitUnknown() = default;

}  // namespace prism::neo4j
