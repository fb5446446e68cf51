#include <sqlite3.h>

#include <prism/base/text.hpp>
#include <prism/drivers/sqlite/database.hpp>
#include <prism/drivers/sqlite/probe.hpp>

namespace prism::sqlite {
namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code none;
  const auto size = std::filesystem::file_size(file, none);
  return none ? 0 : size;
}

class SqliteProbe : public health::Probe {
 public:
  SqliteProbe(ProbeOptions options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  health::Reading look(health::Depth depth) override {
    Database database({options_.file}, cancel_);
    health::Reading reading{.version = sqlite3_libversion()};
    database.integer("SELECT count(*) FROM sqlite_schema");
    add_sizes(reading);
    if (depth == health::Depth::deep) add_integrity(reading, database);
    return reading;
  }

 private:
  void add_sizes(health::Reading& reading) const {
    constexpr double kLarge = 1e9;
    const std::uint64_t size = size_of(options_.file);
    const std::uint64_t log = size_of(options_.file.string() + "-wal");
    reading.metrics.push_back({"database_size", static_cast<double>(size), "B", {}, false, {}, {}});
    reading.metrics.push_back({"wal_size",
                               static_cast<double>(log),
                               "B",
                               {kLarge, {}},
                               false,
                               {},
                               "size of the write-ahead log"});
    reading.notes.push_back(format_bytes(size));
    if (log > 0) reading.notes.push_back("write-ahead log " + format_bytes(log));
  }

  /// What a program has taught SQLite for itself is not known here.
  static void add_integrity(health::Reading& reading, Database& database) {
    database.stand_in_for_collations();
    const std::string found = database.text("PRAGMA integrity_check(1)");
    if (found == "ok") {
      reading.notes.emplace_back("integrity ok");
    } else {
      reading.add_problem(health::State::critical, "integrity_check: " + in_quotes(found));
    }
  }

  ProbeOptions options_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log&, const Cancel& cancel) {
  return std::make_unique<SqliteProbe>(std::move(options), cancel);
}

}  // namespace prism::sqlite
