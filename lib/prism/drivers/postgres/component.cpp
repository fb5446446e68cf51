#include <prism/drivers/postgres/archive_check.hpp>
#include <prism/drivers/postgres/component.hpp>
#include <prism/drivers/postgres/dump.hpp>
#include <prism/drivers/postgres/restore.hpp>
#include <prism/drivers/postgres/row_counts.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {
namespace {

class PostgresComponent : public backup::Component {
 public:
  PostgresComponent(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  std::string location() const override { return Server(options_, log_, cancel_).location(); }

  std::optional<backup::Content> present(backup::Look look) override {
    try {
      return find(look);
    } catch (const Failure& failure) {
      // What lets nobody in is there all the same.
      if (failure.sqlstate() != kClosed) throw;
      return backup::Content{{}, {}};
    }
  }

  backup::Content dump(backup::ArtifactWriter& artifacts) override {
    return dump_database(server(), options_.settings.bin_dir, artifacts, cancel_);
  }

  backup::Content check(backup::ArtifactReader& artifacts) override {
    return check_artifacts(artifacts, options_.settings.bin_dir, cancel_);
  }

  void require_restorable(backup::ArtifactReader& artifacts) override {
    postgres::require_restorable(server(), artifacts, options_, log_, cancel_);
  }

  backup::Content restore(backup::ArtifactReader& artifacts) override {
    return restore_database(server(), artifacts, options_, log_, cancel_);
  }

  /// In place rows are there before the last of the archive is read.
  bool restores_checked() const override { return !options_.in_place; }

 private:
  /// What one call has learned of it the next one need not ask for again.
  Server& server() {
    if (!server_) server_.emplace(options_, log_, cancel_);
    return *server_;
  }

  std::optional<backup::Content> find(backup::Look look) {
    const auto session = server().open_target();
    if (!session || !holds_objects(*session)) return std::nullopt;
    if (look == backup::Look::glance) return backup::Content{session->version_text(), {}};
    session->query("SELECT set_config('client_encoding', getdatabaseencoding(), false)");
    return backup::Content{session->version_text(), count_rows(*session, dumped_tables(*session))};
  }

  ComponentOptions options_;
  Log& log_;
  const Cancel& cancel_;
  std::optional<Server> server_;
};

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<PostgresComponent>(std::move(options), log, cancel);
}

}  // namespace prism::postgres
