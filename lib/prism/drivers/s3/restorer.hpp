#pragma once

#include <string>

#include <prism/base/budget.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/task_pool.hpp>
#include <prism/drivers/s3/dumper.hpp>
#include <prism/drivers/s3/key_set.hpp>
#include <prism/drivers/s3/object_tar_reader.hpp>

namespace prism::s3 {

/// Puts the objects of an archive back: those that are missing, and those whose bytes or attributes
/// are others. Small ones are held against what is there, and sent, several at a time.
class PRISM_API Restorer {
 public:
  /// All must outlive this. `leftovers` are uploads that an earlier restore may have left: those of
  /// objects that are sent in parts again are aborted.
  Restorer(Client& client, const Scope& scope, std::vector<Upload> leftovers, const Cancel& cancel)
      : client_(client), scope_(scope), leftovers_(std::move(leftovers)), cancel_(cancel) {}

  /// Reads the archive to its end. Returns what it holds.
  Tally restore(ObjectTarReader& tar);

  /// The names of what it holds, once it is restored.
  const KeySet& names() const { return names_; }

 private:
  void list_what_is_there();
  bool put_back(ObjectTarReader& tar, TarObject object);
  bool put_back_large(ObjectTarReader& tar, TarObject object);
  void put_back_small(const TarObject& object, const std::string& bytes);

  Client& client_;
  const Scope& scope_;
  std::vector<Upload> leftovers_;
  const Cancel& cancel_;
  KeySet there_;  ///< keys, before anything was done
  KeySet names_;
  Budget budget_{kMemory};
  TaskPool pool_{kRequests};
};

/// The rest of the content of an object that is small.
PRISM_API std::string read_content(ObjectTarReader& tar, const TarObject& object);

}  // namespace prism::s3
