#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <prism/backup/scratch_target.hpp>
#include <prism/base/cancel.hpp>
#include <prism/drivers/s3/object_tar_reader.hpp>
#include <prism/drivers/s3/restorer.hpp>

namespace prism::s3 {

/// Holds what a target has against an archive: the SHA-256 of each content, metadata and tags.
class PRISM_API Comparison {
 public:
  /// All must outlive this.
  Comparison(Client& client, const Scope& scope, const Cancel& cancel)
      : client_(client), scope_(scope), cancel_(cancel) {}

  /// Reads the archive to its end.
  void compare(ObjectTarReader& tar);

  /// The first that differ, and how many don't.
  std::vector<backup::Check> checks() const;

 private:
  void compare_small(const TarObject& object, const std::string& bytes);
  void compare_large(ObjectTarReader& tar, const TarObject& object);
  void note(const std::string& what, std::string expected, std::string found);

  Client& client_;
  const Scope& scope_;
  const Cancel& cancel_;
  mutable std::mutex mutex_;
  std::vector<backup::Check> different_;
  std::uint64_t compared_ = 0;
  std::uint64_t differences_ = 0;
};

}  // namespace prism::s3
