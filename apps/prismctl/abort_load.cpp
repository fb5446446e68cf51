#include "abort_load.hpp"

namespace prismctl {

int abort_load(std::string_view command, Session& session) {
  const auto store = session.open_store(prism::Access::write);
  const auto lock = store->lock(std::string(command) + " --abort", session.lock_wait());
  const bool taken_out = store->begin_load(prism::store::OnConflict::fail)->abandon();
  if (session.output().json()) {
    session.output().document({{"command", command}, {"aborted", taken_out}});
  } else {
    session.output().line(taken_out ? "the load that was cut off is taken out again"
                                    : "nothing to take out: no load was cut off");
  }
  return 0;
}

}  // namespace prismctl
