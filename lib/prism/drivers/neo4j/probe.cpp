#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/probe.hpp>

namespace prism::neo4j {
namespace {

using health::State;

class Neo4jProbe : public health::Probe {
 public:
  Neo4jProbe(ProbeOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    Connections connections(options_.connections, log_, cancel_);
    health::Reading reading;
    add_version(reading, connections);
    add_databases(reading, connections);
    // Of each the server has the count at hand.
    add_count(reading, connections, "nodes", "MATCH (n) RETURN count(n)");
    add_count(reading, connections, "relationships", "MATCH ()-[r]->() RETURN count(r)");
    add_count(reading, connections, "facts", "MATCH (f:Fact) RETURN count(f)");
    if (!options_.data_folder.empty()) add_size(reading);
    return reading;
  }

 private:
  static void add_version(health::Reading& reading, Connections& connections) {
    connections.run(AccessMode::read,
                    {"CALL dbms.components() YIELD versions, edition RETURN versions[0], edition"},
                    [&](Unpacker& fields) {
                      reading.version = fields.string();
                      reading.notes.emplace_back(fields.string());
                    });
  }

  /// Who may not see others sees the own one.
  static void add_databases(health::Reading& reading, Connections& connections) {
    std::size_t count = 0;
    connections.run(AccessMode::read,
                    {"SHOW DATABASES YIELD name, currentStatus RETURN name, currentStatus"},
                    [&](Unpacker& fields) {
                      const std::string name(fields.string());
                      const std::string status(fields.string());
                      ++count;
                      if (status == "online") return;
                      reading.add_problem(State::warning, "database " + name + " is " + status);
                    });
    reading.metrics.push_back({"databases", static_cast<double>(count), "", {}, false, {}, {}});
  }

  static void add_count(health::Reading& reading, Connections& connections, const char* name,
                        const char* cypher) {
    std::int64_t count = 0;
    connections.run(AccessMode::read, {cypher},
                    [&](Unpacker& fields) { count = fields.integer(); });
    reading.metrics.push_back({name, static_cast<double>(count), "", {}, true, {}, {}});
    reading.notes.push_back(with_separators(static_cast<std::uint64_t>(count)) + " " + name);
  }

  void add_size(health::Reading& reading) const {
    std::uint64_t size = 0;
    std::error_code error;
    using Walk = std::filesystem::recursive_directory_iterator;
    for (Walk at(options_.data_folder, error), end; !error && at != end; at.increment(error)) {
      std::error_code gone;
      const auto bytes = at->is_regular_file(gone) ? at->file_size(gone) : 0;
      if (!gone) size += bytes;
      cancel_.check();
    }
    if (error) {
      return reading.add_problem(
          State::warning,
          "the size of the store: " + options_.data_folder.string() + ": " + error.message());
    }
    reading.metrics.push_back({"store_size", static_cast<double>(size), "B", {}, false, {}, {}});
    reading.notes.push_back(format_bytes(size));
  }

  ProbeOptions options_;
  Log& log_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log, const Cancel& cancel) {
  return std::make_unique<Neo4jProbe>(std::move(options), log, cancel);
}

}  // namespace prism::neo4j
