#pragma once

#include <map>
#include <set>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/drivers/redis/rdb_reader.hpp>

namespace prism::redis {

/// What one RDB holds, or several of a Cluster, in figures.
class PRISM_API RdbSurvey : public RdbVisitor {
 public:
  void version(unsigned number) override;
  void aux(std::string_view name, std::string_view value) override;
  void function(const std::string& code) override;
  void value(const RdbKey& key, std::uint64_t size) override;
  void modules(const ModuleTypes& of_values, const ModuleTypes& beside) override;

  /// `db0 keys` and so on, `functions`.
  backup::Content content() const;

  unsigned newest_version() const { return version_; }
  /// Keys by database, of those that have any.
  const std::map<std::uint64_t, std::uint64_t>& keys() const { return keys_; }
  std::uint64_t all_keys() const;
  const std::set<std::string>& libraries() const { return libraries_; }
  const ModuleTypes& value_modules() const { return value_modules_; }
  /// Bytes, in its encoding.
  std::uint64_t largest_value() const { return largest_value_; }
  /// Bytes that the servers used, where they told.
  std::uint64_t used_memory() const { return used_memory_; }

 private:
  unsigned version_ = 0;
  std::string server_version_;
  std::map<std::uint64_t, std::uint64_t> keys_;
  std::set<std::string> libraries_;
  ModuleTypes value_modules_, aux_modules_;
  std::uint64_t largest_value_ = 0, used_memory_ = 0;
  bool is_unfinished_ = false;  ///< the record of a restore is among the keys
};

/// Of `#!lua name=mylib`, the first line of a library (redis/src/functions.c).
std::string library_name(std::string_view code);

/// `db0 keys` and so on, `functions`.
backup::Counts counts_of(const std::map<std::uint64_t, std::uint64_t>& keys, std::size_t libraries);

}  // namespace prism::redis
