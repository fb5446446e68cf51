#include "wal_system.hpp"

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/wal/segment_header.hpp>

#include "backup_results.hpp"

namespace prismctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kControl = "global/pg_control";

/// Where the data folder may be, the likeliest first: pg_wal may be a link to elsewhere, and the
/// file's path may lead through one into it.
std::vector<fs::path> data_folders(const fs::path& file) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(file, ignored).lexically_normal();
  const fs::path real = fs::weakly_canonical(absolute.parent_path(), ignored);
  return {".", absolute.parent_path().parent_path(), real.parent_path()};
}

}  // namespace

void add_system(CLI::App& app, std::string& system) {
  app.add_option("--system", system,
                 "The system identifier of the cluster (default: as global/pg_control says of the "
                 "working folder, or of the one above the file's)")
      ->type_name("ID")
      ->check([](const std::string& id) {
        const bool digits = id.find_first_not_of("0123456789") == std::string::npos;
        return digits && id.size() <= 20 ? std::string()
                                         : "found " + prism::in_quotes(id) + ", expected digits";
      });
}

std::string system_of(const std::string& asked, const fs::path& file) {
  constexpr std::size_t kLimit = std::size_t{64} << 10;
  if (!asked.empty()) return asked;
  for (const fs::path& folder : data_folders(file)) {
    const fs::path control = folder / kControl;
    std::error_code ignored;
    if (!fs::exists(control, ignored)) continue;
    return prism::postgres::system_id_of_control(prism::read_file(control, kLimit),
                                                 control.string());
  }
  throw prism::Error(prism::ErrorCode::input_missing,
                     std::string(kControl) + ": neither in the working folder nor above " +
                         file.string() + ": the cluster is not known",
                     "run it in the data folder, as the server does, or say --system ID");
}

prism::postgres::WalOptions wal_options(const Session& session) {
  return {.recipients = recipients(session),
          .identity_file = session.settings().text(prism::config::Setting::backup_identity_file)};
}

}  // namespace prismctl
