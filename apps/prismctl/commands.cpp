#include "command.hpp"

namespace prismctl {

std::vector<Command> commands() {
  return {
      seed_command(),    convert_command(), import_command(), rebuild_cache_command(),
      backup_command(),  restore_command(), status_command(), uid_command(),
      migrate_command(), reset_command(),   user_command(),   check_command(),
      wal_command(),     config_command(),  audit_command(),  generate_command(),
  };
}

}  // namespace prismctl
