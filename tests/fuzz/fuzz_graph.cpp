// The input is the lines of a graph, which are read as a check and a restore do; and what
// neo4j-admin may have written.

#include <prism/drivers/neo4j/graph_digest.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/graph_survey.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/store_dump.hpp>

#include "check.hpp"
#include "support/text_stream.hpp"

namespace prism::neo4j::fuzz {
namespace {

using sheet::fuzz::accepted;
using sheet::fuzz::require_that;

/// What was packed must be PackStream that says the same in JSON.
class Printed : public GraphSurvey {
 public:
  void rule(const Rule& rule) override {
    GraphSurvey::rule(rule);
    require_that(!creation_of(rule).empty(), "a rule without a statement");
  }
  void node(const NodeLine& node) override {
    GraphSurvey::node(node);
    look_at(node.properties);
  }
  void relationship(const RelationshipLine& relationship) override {
    GraphSurvey::relationship(relationship);
    look_at(relationship.properties);
  }

 private:
  static void look_at(const PackedProperties& properties) {
    Unpacker unpacker(properties.entries);
    for (std::size_t i = 0; i < properties.count; ++i) {
      unpacker.string();
      std::string json, packed, again;
      append_property(json, unpacker);
      JsonLine line(json, 1);
      pack_property(packed, line);
      line.expect_end();
      Unpacker second(packed);
      append_property(again, second);
      require_that(json == again, "a value is another when it comes back");
    }
    require_that(unpacker.at_end(), "more was packed than was counted");
  }
};

void look_at(std::string_view bytes) {
  const Cancel cancel;
  bool sound[2] = {};
  for (const std::size_t piece : {std::size_t{3}, std::size_t{10'000}}) {
    prism::test::TextSource source(bytes, piece);
    Printed survey;
    sound[piece > 3] = accepted([&] { read_graph(source, survey, cancel); });
    require_that(survey.totals().nodes <= bytes.size(), "more is counted than there is");
  }
  require_that(sound[0] == sound[1], "pieces make a difference");
  if (!sound[0]) return;
  prism::test::TextSource source(bytes, 777);
  require_that(accepted([&] { digest_graph(source, cancel); }), "what is sound has no digest");
}

void look_at_store(std::string_view bytes) {
  accepted([&] {
    StoreDumpSurvey survey;
    survey.add(bytes.substr(0, bytes.size() / 2));
    survey.add(bytes.substr(bytes.size() / 2));
    survey.finish();
  });
  accepted([&] {
    TarCounter tar;
    tar.add(bytes);
    tar.finish();
  });
}

}  // namespace
}  // namespace prism::neo4j::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::neo4j::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  look_at(bytes);
  look_at_store(bytes);
  return 0;
}
