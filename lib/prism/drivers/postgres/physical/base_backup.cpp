#include <cstring>
#include <memory>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/base_backup.hpp>
#include <prism/drivers/postgres/physical/copy_stream.hpp>
#include <prism/drivers/postgres/physical/tar_push.hpp>

namespace prism::postgres {
namespace {

constexpr int kFirstVersion = 150000;
constexpr const char* kWrongChecksums = "XX001";

/// Keeps the server's warnings for as long as it lives.
class Warnings {
 public:
  Warnings(PGconn* connection, std::vector<std::string>& into) : connection_(connection) {
    PQsetNoticeReceiver(connection, take, &into);
  }
  ~Warnings() {
    PQsetNoticeReceiver(
        connection_, [](void*, const PGresult*) {}, nullptr);
  }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;

 private:
  static void take(void* into, const PGresult* result) {
    constexpr std::size_t kMost = 20;
    auto& warnings = *static_cast<std::vector<std::string>*>(into);
    const char* const severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char* const words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (severity == nullptr || words == nullptr || std::strcmp(severity, "WARNING") != 0) return;
    if (warnings.size() < kMost) warnings.emplace_back(words);
  }

  PGconn* connection_;
};

std::string command_of(const BaseBackupOptions& options) {
  std::string label;
  for (const char c : options.label) label += c == '\'' ? std::string("''") : std::string(1, c);
  return fmt::format(
      "BASE_BACKUP (LABEL '{}', PROGRESS, CHECKPOINT '{}', WAL, WAIT 0, TABLESPACE_MAP, MANIFEST "
      "'yes', MANIFEST_CHECKSUMS 'CRC32C'{})",
      label, options.fast_checkpoint ? "fast" : "spread",
      options.earlier_manifest.empty() ? "" : ", INCREMENTAL");
}

void send(PGconn* connection, const std::string& command) {
  if (PQsendQuery(connection, command.c_str()) == 0) {
    throw Failure("", PQerrorMessage(connection));
  }
}

LibpqResult require_result(PGconn* connection, ExecStatusType status, const Cancel& cancel) {
  LibpqResult result = next_result(connection, cancel);
  if (result && PQresultStatus(result.get()) == status) return result;
  throw Error(ErrorCode::bad_data, "the server answers otherwise than BASE_BACKUP is documented");
}

void upload(PGconn* connection, std::string_view manifest, const Cancel& cancel) {
  constexpr std::size_t kPiece = 64 * 1024;
  send(connection, "UPLOAD_MANIFEST");
  require_result(connection, PGRES_COPY_IN, cancel);
  for (; !manifest.empty(); manifest.remove_prefix(std::min(kPiece, manifest.size()))) {
    const std::size_t size = std::min(kPiece, manifest.size());
    if (PQputCopyData(connection, manifest.data(), static_cast<int>(size)) < 0) {
      throw Failure("", PQerrorMessage(connection));
    }
    flush(connection, cancel);
  }
  if (PQputCopyEnd(connection, nullptr) < 0) throw Failure("", PQerrorMessage(connection));
  flush(connection, cancel);
  while (next_result(connection, cancel)) continue;
}

std::pair<Lsn, std::uint32_t> read_point(const PGresult* result) {
  const auto lsn = PQntuples(result) > 0 ? parse_lsn(PQgetvalue(result, 0, 0)) : std::nullopt;
  if (!lsn) throw Error(ErrorCode::bad_data, "the server names no place in the WAL");
  return {*lsn, static_cast<std::uint32_t>(std::strtoul(PQgetvalue(result, 0, 1), nullptr, 10))};
}

std::vector<Tablespace> read_tablespaces(const PGresult* result) {
  std::vector<Tablespace> tablespaces;
  for (int row = 0; row < PQntuples(result); ++row) {
    if (PQgetisnull(result, row, 0) != 0) continue;  // the data folder itself
    tablespaces.push_back({PQgetvalue(result, row, 0), PQgetvalue(result, row, 1)});
  }
  return tablespaces;
}

/// The messages of the copy, as "BASE_BACKUP" in the protocol's description has them.
class Archives {
 public:
  explicit Archives(BackupFiles& files) : files_(files) {}

  void add(std::string_view message) {
    const char type = message[0];
    message.remove_prefix(1);
    switch (type) {
      case 'n':
        return begin(std::string(message.substr(0, message.find('\0'))));
      case 'm':
        end();
        in_manifest_ = true;
        return;
      case 'd':
        return data(message);
      case 'p':
        return;
      default:
        throw Error(ErrorCode::bad_data, "a message that BASE_BACKUP is not documented to send");
    }
  }

  void end() {
    if (archive_) archive_->finish();
    archive_.reset();
  }

 private:
  /// `base.tar`, or `16399.tar` of a tablespace.
  void begin(std::string name) {
    constexpr std::string_view kTar = ".tar";
    end();
    if (!name.ends_with(kTar)) throw Error(ErrorCode::bad_data, "no archive: " + in_quotes(name));
    name.resize(name.size() - kTar.size());
    const bool is_base = name == "base";
    if (!is_base && name.find_first_not_of("0123456789") != std::string::npos) {
      throw Error(ErrorCode::bad_data, "no tablespace: " + in_quotes(name));
    }
    archive_ = std::make_unique<TarPush>(is_base ? "" : "pg_tblspc/" + name + "/", files_);
  }

  void data(std::string_view bytes) {
    if (in_manifest_) return files_.manifest(bytes);
    if (!archive_) throw Error(ErrorCode::bad_data, "the server sends data before any archive");
    archive_->add(bytes);
  }

  BackupFiles& files_;
  std::unique_ptr<TarPush> archive_;
  bool in_manifest_ = false;
};

void copy(PGconn* connection, BackupFiles& files, const Cancel& cancel) {
  require_result(connection, PGRES_COPY_OUT, cancel);
  CopyStream messages(connection, cancel);
  Archives archives(files);
  std::string_view message;
  while (messages.next(message) == CopyStream::Next::message) archives.add(message);
  archives.end();
}

BackupBounds run(PGconn* connection, BackupFiles& files, const Cancel& cancel) {
  BackupBounds bounds;
  std::tie(bounds.start, bounds.start_timeline) =
      read_point(require_result(connection, PGRES_TUPLES_OK, cancel).get());
  bounds.tablespaces = read_tablespaces(require_result(connection, PGRES_TUPLES_OK, cancel).get());
  copy(connection, files, cancel);
  std::tie(bounds.stop, bounds.stop_timeline) =
      read_point(require_result(connection, PGRES_TUPLES_OK, cancel).get());
  while (next_result(connection, cancel)) continue;
  return bounds;
}

}  // namespace

BackupBounds take_base_backup(Replication& server, const BaseBackupOptions& options,
                              BackupFiles& files, std::vector<std::string>& warnings) {
  if (server.version() < kFirstVersion) {
    throw Error(ErrorCode::configuration, "physical backups need PostgreSQL 15 or newer");
  }
  PGconn* const connection = server.connection();
  const Warnings kept(connection, warnings);
  if (!options.earlier_manifest.empty()) {
    upload(connection, options.earlier_manifest, server.cancel());
  }
  send(connection, command_of(options));
  try {
    return run(connection, files, server.cancel());
  } catch (const Failure& failure) {
    if (failure.sqlstate() != kWrongChecksums) throw;
    throw Failure({ErrorCode::critical,
                   "pg_amcheck and pg_checksums tell more; restore what is damaged from an earlier "
                   "backup"},
                  "the server has pages with wrong checksums" +
                      (warnings.empty() ? "" : ": " + warnings.front()));
  }
}

}  // namespace prism::postgres
