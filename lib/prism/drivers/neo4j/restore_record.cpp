#include <chrono>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/restore_record.hpp>

namespace prism::neo4j {

void write_restore_record(Connections& connections, const std::string& what) {
  Parameters parameters(3);
  parameters.text("started", format_utc(std::chrono::system_clock::now()))
      .text("host", host_name())
      .text("what", what);
  // One of an earlier restore is there all the time.
  connections.transact(AccessMode::write, [&](Transaction& transaction) {
    transaction.run(
        {"MERGE (r:PrismRestore {name: 'restore'}) "
         "SET r.started = $started, r.host = $host, r.what = $what",
         parameters.bytes()});
  });
}

void remove_restore_record(Connections& connections) {
  connections.transact(AccessMode::write, [](Transaction& transaction) {
    transaction.run({"MATCH (r:PrismRestore) DELETE r"});
  });
}

std::optional<std::string> read_restore_record(Connections& connections) {
  std::optional<std::string> words;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    words.reset();
    transaction.run({"MATCH (r:PrismRestore) RETURN r.what, r.started, r.host LIMIT 1"},
                    [&](Unpacker& fields) {
                      const auto text = [&] {
                        return fields.take_null() ? std::string() : std::string(fields.string());
                      };
                      const std::string what = text(), started = text();
                      words = "a restore of " + what + ", begun " + started + " on " + text() +
                              ", did not come to its end";
                    });
  });
  return words;
}

}  // namespace prism::neo4j
