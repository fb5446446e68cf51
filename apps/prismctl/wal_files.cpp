#include "wal_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/postgres/wal/prefetch.hpp>
#include <prism/drivers/postgres/wal/segment_header.hpp>

#include "background.hpp"
#include "wal_system.hpp"

namespace prismctl {
namespace {

namespace fs = std::filesystem;
using prism::Error;
using prism::ErrorCode;
using prism::FileDescriptor;
using prism::postgres::WalArchive;
using prism::postgres::WalFile;
using prism::postgres::WalPrefetch;

WalFile kind_of(const std::string& name) {
  const auto kind = prism::postgres::kind_of_wal_file(name);
  if (kind) return *kind;
  throw Error(ErrorCode::usage,
              "found " + prism::in_quotes(name) +
                  ", expected the name of a WAL file, such as 00000001000000A200000007 or "
                  "00000002.history");
}

/// What a file begins with that is told from others by it.
void require_what_it_says(const fs::path& file, const std::string& name,
                          const std::string& system) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat state {};
  if (!opened.valid() || ::fstat(opened.get(), &state) != 0) {
    throw prism::system_error(errno, file.string());
  }
  std::string begin(prism::postgres::kSegmentHeaderBytes, '\0');
  const ssize_t got = ::pread(opened.get(), begin.data(), begin.size(), 0);
  if (got < 0) throw prism::system_error(errno, file.string());
  begin.resize(static_cast<std::size_t>(got));
  prism::postgres::require_segment(begin, static_cast<std::uint64_t>(state.st_size), system, name,
                                   file.string());
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// In a bucket or folder that holds nothing of this cluster, nothing is known to be missing.
void require_begun(WalArchive& archive, const std::string& system, const std::string& location) {
  if (archive.is_begun()) return;
  throw Error(ErrorCode::unavailable, location + ": no WAL of the cluster " + system + " is there",
              "is it the right repository, and is its disk mounted?");
}

bool fetch(const WalFetchOptions& options, const std::string& system, Session& session) {
  const auto repository = session.open_repository();
  WalArchive archive(*repository, system, wal_options(session), session.cancel());
  if (archive.get(options.name, options.file)) return true;
  require_begun(archive, system, repository->location());
  return false;
}

std::size_t how_many_ahead(const WalFetchOptions& options, std::uint64_t segment_bytes) {
  constexpr std::uint64_t kBytes = std::uint64_t{128} << 20;
  constexpr std::uint64_t kMost = 8;
  return options.ahead.value_or(std::min(kMost, kBytes / segment_bytes));
}

/// While the server replays what it got. Nothing of it is the server's affair.
void fetch_ahead(const WalFetchOptions& options, const WalPrefetch& prefetch,
                 const std::string& system, Session& session) {
  constexpr std::chrono::minutes kLongest{10};
  const auto segment = prism::postgres::parse_segment_name(options.name);
  const std::uint64_t bytes = segment ? fs::file_size(options.file) : 1;
  const std::size_t count = segment ? how_many_ahead(options, bytes) : 0;
  if (count == 0 || prefetch.is_busy()) return;
  run_in_background([&] {
    prism::Log silent({.level = prism::LogLevel::off});
    prism::Cancel cancel(&session.cancel());
    cancel.limit_time(kLongest);
    const auto& settings = session.settings();
    const auto repository = prism::drivers::open_repository(
        settings.text(prism::config::Setting::repository), settings.servers(), silent, cancel);
    WalArchive archive(*repository, system, wal_options(session), cancel);
    prefetch.fetch_ahead(archive, *segment, count, bytes, cancel);
  });
}

void tell(const char* command, const std::string& name, const char* result, Session& session) {
  if (session.output().json()) {
    session.output().document({{"command", command}, {"name", name}, {"result", result}});
  }
}

}  // namespace

int push_wal(const WalPushOptions& options, Session& session) {
  const fs::path file = options.file;
  const std::string name = file.filename().string();
  const WalFile kind = kind_of(name);
  const std::string system = system_of(options.system, file);
  if (kind == WalFile::segment || kind == WalFile::partial) {
    require_what_it_says(file, name, system);
  }
  const auto repository = session.open_repository();
  WalArchive archive(*repository, system, wal_options(session), session.cancel());
  const bool stored = archive.put_file(name, file) == WalArchive::Put::stored;
  tell("wal push", name, stored ? "stored" : "was_there", session);
  return 0;
}

int fetch_wal(const WalFetchOptions& options, Session& session) {
  kind_of(options.name);
  const std::string system = system_of(options.system, options.file);
  const auto& repository = session.settings().text(prism::config::Setting::repository);
  const WalPrefetch prefetch(folder_of(options.file) / ".prismctl-prefetch",
                             system + " " + prism::config::without_password(repository) + "\n");
  const auto segment = prism::postgres::parse_segment_name(options.name);
  if (segment) prefetch.remove_before(*segment);
  const bool taken = segment && prefetch.take(options.name, options.file, session.cancel());
  if (!taken && !fetch(options, system, session)) {
    tell("wal fetch", options.name, "not_there", session);
    return 1;
  }
  try {
    fetch_ahead(options, prefetch, system, session);
  } catch (const std::exception& e) {
    session.log().debug(std::string("nothing is fetched ahead: ") + e.what());
  }
  tell("wal fetch", options.name, taken ? "prefetched" : "fetched", session);
  return 0;
}

}  // namespace prismctl
