#include <algorithm>
#include <array>

#include <prism/drivers/neo4j/answers.hpp>
#include <prism/drivers/neo4j/messages.hpp>

namespace prism::neo4j {
namespace {

struct CounterName {
  std::string_view key;
  std::int64_t Counters::*counter;
};

constexpr std::array kCounters{
    CounterName{"nodes-created", &Counters::nodes_created},
    CounterName{"nodes-deleted", &Counters::nodes_deleted},
    CounterName{"relationships-created", &Counters::relationships_created},
    CounterName{"relationships-deleted", &Counters::relationships_deleted},
    CounterName{"properties-set", &Counters::properties_set},
    CounterName{"labels-added", &Counters::labels_added},
    CounterName{"labels-removed", &Counters::labels_removed},
    CounterName{"indexes-added", &Counters::indexes_added},
    CounterName{"indexes-removed", &Counters::indexes_removed},
    CounterName{"constraints-added", &Counters::constraints_added},
    CounterName{"constraints-removed", &Counters::constraints_removed},
    CounterName{"system-updates", &Counters::system_updates},
};

void add_counters(Counters& counters, Unpacker& from) {
  for (std::size_t left = from.map(); left > 0; --left) {
    const std::string_view key = from.string();
    const auto known = std::find_if(kCounters.begin(), kCounters.end(),
                                    [&](const CounterName& one) { return one.key == key; });
    if (known == kCounters.end()) {
      from.skip();
    } else {
      counters.*known->counter = from.integer();
    }
  }
}

std::vector<std::string> texts(Unpacker& from) {
  std::vector<std::string> all;
  for (std::size_t left = from.list(); left > 0; --left) all.emplace_back(from.string());
  return all;
}

/// Takes a text; passes over anything else.
void take_text(Unpacker& from, std::string& into) {
  if (from.type() != Unpacker::Type::string) return from.skip();
  const std::string_view text = from.string();
  if (!text.empty()) into = text;
}

}  // namespace

std::uint8_t tag_of(std::string_view message) {
  return message.size() < 2 ? std::uint8_t{0} : static_cast<std::uint8_t>(message[1]);
}

bool has_more(std::string_view success) {
  Unpacker metadata(success);
  metadata.structure();
  for (std::size_t left = metadata.map(); left > 0; --left) {
    if (metadata.string() == "has_more") return metadata.boolean();
    metadata.skip();
  }
  return false;
}

void add_to(Summary& summary, Unpacker& metadata) {
  for (std::size_t left = metadata.map(); left > 0; --left) {
    const std::string_view key = metadata.string();
    if (key == "fields") {
      summary.fields = texts(metadata);
    } else if (key == "stats") {
      add_counters(summary.counters, metadata);
    } else if (key == "bookmark") {
      take_text(metadata, summary.bookmark);
    } else if (key == "db") {
      take_text(metadata, summary.database);
    } else {
      metadata.skip();
    }
  }
}

Failure failure_of(const std::string& where, Unpacker& metadata) {
  std::string code = "Neo.DatabaseError.General.UnknownError";
  std::string message = "no reason given";
  for (std::size_t left = metadata.map(); left > 0; --left) {
    const std::string_view key = metadata.string();
    if (key == "code" || key == "neo4j_code") {  // since Bolt 5.7 the latter
      take_text(metadata, code);
    } else if (key == "message") {
      take_text(metadata, message);
    } else {
      metadata.skip();
    }
  }
  return {where, code, message};
}

}  // namespace prism::neo4j
