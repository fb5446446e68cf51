#include <prism/backup/unfinished_restore.hpp>

namespace prism::backup {

UnfinishedRestore::~UnfinishedRestore() = default;

UnfinishedRestore unfinished_restore(const Error& error) {
  const std::string hint = error.hint().empty() ? "" : error.hint() + "; ";
  return {error.code(), error.what(),
          hint + "the restore is unfinished: the same again finishes it"};
}

}  // namespace prism::backup
