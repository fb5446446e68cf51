#include <fmt/format.h>

#include <prism/backup/retention.hpp>
#include <prism/base/error.hpp>
#include <prism/base/random.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/drivers/postgres/physical/cluster_dump.hpp>
#include <prism/drivers/postgres/physical/cluster_files.hpp>
#include <prism/drivers/postgres/physical/cluster_record.hpp>
#include <prism/drivers/postgres/physical/earlier_files.hpp>
#include <prism/drivers/postgres/physical/replication.hpp>
#include <prism/drivers/postgres/wal/names.hpp>

namespace prism::postgres {
namespace {

constexpr int kFirstWithTablespaceMaps = 150000, kFirstIncremental = 170000;

/// The target's own database, or whichever lets this user in: the cluster is all of them.
std::unique_ptr<Session> open_session(Server& server) {
  auto session = server.open_target();
  return session ? std::move(session) : server.open_maintenance();
}

void require_version(const Session& session) {
  if (session.version() >= kFirstWithTablespaceMaps) return;
  throw Error(ErrorCode::configuration,
              fmt::format("physical backups need PostgreSQL 15 or newer, this one is {}",
                          session.version_text()),
              "leave out --type: logical backups are made of any version");
}

/// So that little of what was there before is stored with the copy. Who may not do it goes without.
void begin_new_segment(Session& session, const ClusterRecord& record) {
  if (record.from_standby) return;
  session.query(
      "SELECT pg_switch_wal() WHERE has_function_privilege('pg_switch_wal()', 'execute')");
}

void write(backup::ArtifactWriter& artifacts, const char* name, const std::string& content) {
  const auto sink = artifacts.create(name);
  sink->write(content);
  sink->finish();
}

/// One copy on its way.
class Dump {
 public:
  Dump(Server& server, const ClusterOptions& options, backup::ArtifactWriter& artifacts,
       const Cancel& cancel)
      : server_(server), options_(options), artifacts_(artifacts), cancel_(cancel) {}

  backup::Content run() {
    const auto session = open_session(server_);
    require_version(*session);
    record_ = read_cluster_record(*session, content_.remarks);
    copy(*session);
    record_.stopped = server_time(*session);
    content_.version = record_.version;
    content_.physical->stopped = record_.stopped;
    write(artifacts_, kClusterRecord, to_json_text(record_));
    return content_;
  }

 private:
  void copy(Session& session) {
    Replication replication(server_.address_of(server_.database()),
                            options_.server.settings.connection_timeout, cancel_);
    record_.system = replication.identify().id;
    record_.checksums = replication.show("data_checksums") == "on";
    record_.segment_bytes = replication.segment_bytes();
    hold_wal(replication);
    begin_new_segment(session, record_);
    auto earlier = find_earlier(replication);
    blocks::BlockWriter blocks(*options_.repository, blocks_key(), write_options(), cancel_);
    const std::string trouble = earlier ? blocks.trouble_with(earlier->files.map) : "";
    if (!trouble.empty()) {
      earlier.reset();
      remark_whole_files(trouble);
    }
    take(replication, earlier, blocks);
  }

  /// By a slot that goes with the connection, which is never idle: a server may end idle ones.
  static void hold_wal(Replication& replication) {
    replication.create_slot({"prismctl_" + random_name(), true});
  }

  void take(Replication& replication, const std::optional<EarlierBackup>& earlier,
            blocks::BlockWriter& blocks) {
    const auto list = artifacts_.create(kFileList);
    ClusterFiles files(blocks, *list, earlier ? &earlier->files : nullptr,
                       [this](std::uint64_t bytes) { artifacts_.passed(bytes); });
    record_.incremental = earlier.has_value();
    record_.bounds = take(replication, earlier ? earlier->manifest : "", files);
    files.finish(record_.bounds.stop, record_.segment_bytes);
    files.require_manifest();
    list->finish();
    const auto manifest = artifacts_.create(kServerManifest);
    files.write_manifest(*manifest);
    manifest->finish();
    content_.counts = {{"files", files.files()}, {"bytes", files.bytes()}};
    for (const std::string& remark : blocks.remarks()) content_.remarks.push_back(remark);
    keep(blocks.finish());
  }

  /// A server that can't tell what has changed (its summaries of the WAL are gone, say) is read
  /// whole.
  BackupBounds take(Replication& replication, const std::string& earlier, ClusterFiles& files) {
    BaseBackupOptions base;
    base.earlier_manifest = earlier;
    try {
      return take_base_backup(replication, base, files, content_.remarks);
    } catch (const Failure& failure) {
      if (earlier.empty() || files.has_begun() || failure.sqlstate().empty()) throw;
      content_.remarks.push_back(
          fmt::format("the server sends whole files, since it can't tell what has changed: {}",
                      failure.what()));
    }
    record_.incremental = false;
    hold_wal(replication);  // an error has ended the first slot
    return take_base_backup(replication, {}, files, content_.remarks);
  }

  void keep(const blocks::Written& written) {
    const auto sink = artifacts_.create(kBlockMap);
    write_block_map(written.map, *sink);
    sink->finish();
    const BackupBounds& bounds = record_.bounds;
    content_.physical = {
        options_.delta ? "delta" : "full",
        record_.system,
        record_.segment_bytes,
        segment_at(bounds.start_timeline, bounds.start, record_.segment_bytes).text(),
        segment_at(bounds.stop_timeline, bounds.stop - 1, record_.segment_bytes).text(),
        lsn_text(bounds.start),
        lsn_text(bounds.stop),
        {},
        written.new_bytes,
        written.stored_bytes,
        written.map.packs};
  }

  static std::string random_name() {
    constexpr std::size_t kLength = 12;
    std::string name = random_password(kLength);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
  }

  std::optional<EarlierBackup> find_earlier(Replication& replication) {
    if (!options_.delta || replication.version() < kFirstIncremental) return {};
    if (replication.show("summarize_wal") != "on") return {};
    try {
      return read_earlier(options_.earlier, record_.system);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::bad_data && e.code() != ErrorCode::permission) throw;
      remark_whole_files(e.what());
      return {};
    }
  }

  void remark_whole_files(const std::string& why) {
    content_.remarks.push_back(
        "the server sends whole files, since the earlier copy can't be used: " + why);
  }

  blocks::BlockKey blocks_key() {
    return key_for_writing(*options_.repository, options_.key, cancel_, content_.remarks);
  }

  blocks::WriteOptions write_options() {
    blocks::WriteOptions options;
    options.level = options_.level;
    options.threads = options_.threads;
    options.recipients = options_.key.recipients;
    options.scratch_folder = options_.server.scratch_folder;
    options.reuse = options_.delta;
    if (options_.delta) options.unused_packs = backup::doubtful_packs(*options_.repository);
    if (!options.unused_packs.empty()) {
      content_.remarks.push_back(fmt::format(
          "packs of backups that verify found bad are not used: {}", options.unused_packs.size()));
    }
    return options;
  }

  Server& server_;
  const ClusterOptions& options_;
  backup::ArtifactWriter& artifacts_;
  const Cancel& cancel_;
  ClusterRecord record_;
  backup::Content content_;
};

}  // namespace

backup::Content dump_cluster(Server& server, const ClusterOptions& options,
                             backup::ArtifactWriter& artifacts, const Cancel& cancel) {
  return Dump(server, options, artifacts, cancel).run();
}

}  // namespace prism::postgres
