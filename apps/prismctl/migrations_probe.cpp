#include "migrations_probe.hpp"

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/setup/migration_files.hpp>

namespace prismctl {
namespace {

using prism::health::Reading;

class MigrationsProbe : public prism::health::Probe {
 public:
  MigrationsProbe(std::unique_ptr<prism::health::Probe> inner, prism::config::Target target,
                  prism::config::ServerSettings servers, prism::Log& log,
                  const prism::Cancel& cancel)
      : inner_(std::move(inner)),
        target_(std::move(target)),
        servers_(std::move(servers)),
        log_(log),
        cancel_(cancel) {}

  Reading look(prism::health::Depth depth) override {
    Reading reading = inner_->look(depth);
    try {
      add_version(reading);
    } catch (const prism::Error& e) {
      cancel_.check();
      reading.add_problem(prism::health::State::warning, std::string("migrations: ") + e.what());
    }
    return reading;
  }

 private:
  void add_version(Reading& reading) const {
    const auto migrations = prism::setup::read_migration_files(target_.watching.migrations, log_);
    const auto plan = prism::drivers::migrate_target(
        target_, migrations, {.dry_run = true, .servers = servers_}, log_, cancel_);
    reading.notes.push_back(fmt::format("schema {} of {}", plan.from, migrations.back().version));
    reading.metrics.push_back({"migrations_pending",
                               static_cast<double>(plan.steps.size()),
                               "",
                               {1.0, {}},
                               false,
                               {},
                               "pending migrations"});
  }

  std::unique_ptr<prism::health::Probe> inner_;
  prism::config::Target target_;
  prism::config::ServerSettings servers_;
  prism::Log& log_;
  const prism::Cancel& cancel_;
};

}  // namespace

std::unique_ptr<prism::health::Probe> with_migrations(std::unique_ptr<prism::health::Probe> inner,
                                                      const prism::config::Target& target,
                                                      const prism::config::ServerSettings& servers,
                                                      prism::Log& log,
                                                      const prism::Cancel& cancel) {
  return std::make_unique<MigrationsProbe>(std::move(inner), target, servers, log, cancel);
}

}  // namespace prismctl
