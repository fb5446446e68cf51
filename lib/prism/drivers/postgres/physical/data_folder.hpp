#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/files.hpp>
#include <prism/base/stream.hpp>
#include <prism/blocks/block_reader.hpp>
#include <prism/drivers/postgres/physical/cluster_record.hpp>
#include <prism/drivers/postgres/physical/file_list.hpp>

namespace prism::postgres {

/// A data folder on its way. `global/pg_control` is written last, so that no server starts on half
/// of one; until then `.prismctl-restore` tells that it is one.
class DataFolder {
 public:
  /// `files` are in the order of their blocks, and stay with the caller.
  DataFolder(std::filesystem::path folder, std::filesystem::path tablespaces,
             const std::vector<StoredFile>& files);
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  /// Throws Error(refused) where a server may run on it, where it holds something that no data
  /// folder does, or where a folder for a tablespace is another cluster's.
  void require_free(const std::vector<Tablespace>& tablespaces) const;
  bool holds_something() const;
  /// A restore was cut off there.
  bool is_unfinished() const;
  /// What the folder would need if nothing of it were there, in bytes.
  std::uint64_t needed_bytes() const;

  /// Makes folders, links to tablespaces and files of the right size; what is not of the copy is
  /// removed. What is in files of the same name stays where `keep` is set.
  void prepare(const std::vector<Tablespace>& tablespaces, bool keep);

  /// A block of the stream in its place. Several threads may call.
  void write(std::uint64_t number, std::string_view block);
  /// The same as it is in the folder now: as many bytes as it has there, at most `block`'s.
  std::string_view read(std::uint64_t number, std::span<char> block);

  /// Blocks of files that are not restored, such as `standby.signal`, are not wanted.
  std::vector<blocks::BlockRange> wanted() const;

  /// A small file beside those of the copy; replaces one of them.
  void put(const std::string& path, const std::string& content);
  void put(const std::string& path, ByteSource& content);
  /// Of a small file; empty where there is none.
  std::string content(const std::string& path) const;

  /// Everything is durable, then the folder is whole.
  void finish();

 private:
  struct Place {
    const StoredFile* file;
    std::uint64_t offset;
  };
  Place place_of(std::uint64_t number) const;
  std::shared_ptr<FileDescriptor> open(const StoredFile& file);
  std::filesystem::path path_of(const std::string& path) const { return folder_ / path; }
  void make_folder(const std::filesystem::path& folder, std::uint32_t mode) const;
  std::filesystem::path place_of(const Tablespace& tablespace) const;
  bool links_to(const std::filesystem::path& place) const;
  void require_free(const Tablespace& tablespace) const;
  void make_root() const;
  void link_tablespaces(const std::vector<Tablespace>& tablespaces);
  void remove_others(const std::filesystem::path& folder, const std::string& below) const;
  void make_file(const StoredFile& file, bool keep) const;
  void remove_other(const std::filesystem::path& path) const;
  void give_to_owner() const;

  std::filesystem::path folder_, tablespaces_;
  bool gives_tablespaces_;  ///< their parent is ours too
  const std::vector<StoredFile>& files_;
  std::vector<const StoredFile*> with_blocks_;
  std::map<std::string, const StoredFile*> by_path_;
  std::set<std::string> linked_;               ///< `pg_tblspc/16399`: to a folder of ours
  std::vector<std::filesystem::path> places_;  ///< these
  std::string control_;                        ///< of `global/pg_control`
  std::mutex mutex_;                           ///< of what is open
  std::map<const StoredFile*, std::shared_ptr<FileDescriptor>> open_;
};

}  // namespace prism::postgres
