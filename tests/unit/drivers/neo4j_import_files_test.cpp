#include <algorithm>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/import_files.hpp>

#include "support/temporary.hpp"

namespace prism::neo4j {
namespace {

using gellish::FactBatch;
using gellish::FactLayout;
using gellish::Property;
using test::content_of;

const FactLayout kLayout{{Property::lh_object_uid, Property::fact_uid, Property::rh_object_uid,
                          Property::full_definition, Property::effective_from},
                         true};

FactBatch fact(Uid left, Uid fact, Uid right, const std::string& definition,
               const std::string& extra = "{}") {
  FactBatch batch(kLayout);
  for (const Uid uid : {left, fact, right}) batch.add_number(uid);
  if (definition.empty()) {
    batch.add_null();
  } else {
    batch.add_text(definition);
  }
  batch.add_text("2001-03-21");
  batch.add_text(extra);
  return batch;
}

/// What is written for some facts.
class Written {
 public:
  explicit Written(const std::vector<FactBatch>& batches,
                   const std::vector<gellish::ColumnId>& unknown = {}) {
    ImportFiles files;
    files.open(folder_.path(), unknown);
    for (const FactBatch& batch : batches) files.add(batch);
    made = files.finish();
  }

  std::string operator[](const std::string& name) const { return content_of(folder_ / name); }
  /// Of the facts, without the header.
  std::string rows() const {
    const std::string text = (*this)["facts.csv"];
    return text.substr(text.find('\n') + 1);
  }

  std::vector<store::FactFile> made;

 private:
  test::Folder folder_;
};

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("neo4j: import files name the types of all properties and the nodes by their UIDs") {
  const Written written({}, {62, 100});
  const std::string header = written["facts.csv"];
  for (const std::string column :
       {",fact_uid:ID(Fact){id-type:long},", ",lh_object_uid:long,", ",full_definition:string,",
        ",effective_from:date,", ",column_62:string,column_100:string\n"}) {
    CHECK_MESSAGE(header.find(column) != std::string::npos, column);
  }
  CHECK(header.starts_with("sequence:long,language_uid:long,language:string,"));
  CHECK(std::count(header.begin(), header.end(), ',') == gellish::kPropertyCount + 1);
  CHECK(written["entities.csv"] == "uid:ID(Entity){id-type:long}\n");
  CHECK(written["left.csv"] == ":START_ID(Entity),:END_ID(Fact)\n");
  CHECK(written["right.csv"] == ":START_ID(Fact),:END_ID(Entity)\n");
}

TEST_CASE("neo4j: import files have every entity once and both roles of every fact") {
  const Written written({fact(9, 5, 7, "a"), fact(7, 6, 7, "b")});
  CHECK(written["entities.csv"] == "uid:ID(Entity){id-type:long}\n7\n9\n");
  CHECK(written["left.csv"] == ":START_ID(Entity),:END_ID(Fact)\n9,5\n7,6\n");
  CHECK(written["right.csv"] == ":START_ID(Fact),:END_ID(Entity)\n5,7\n6,7\n");
  REQUIRE(written.made.size() == 5);
  CHECK(written.made[0].name == "entities.csv");
  CHECK(written.made[0].rows == 2);
  CHECK(written.made[1].rows == 2);
}

TEST_CASE("neo4j: import files put texts in quotes, and leave blank what is blank") {
  const Written written(
      {fact(1, 5, 2, "a \"b\", c\\", R"({"62":"x\n\\"})"), fact(1, 6, 2, "", R"({"100":"y"})")},
      {62, 100});
  const std::string rows = written.rows();
  CHECK(rows.find("\"a \"\"b\"\", c\\\",") != std::string::npos);
  CHECK(rows.find(",2001-03-21,") != std::string::npos);
  CHECK(rows.find(",\"x\n\\\",\n") != std::string::npos);
  CHECK(rows.ends_with(",,\"y\"\n"));
  CHECK(rows.find("\"\",") == rows.find("\"\", c"));
}

TEST_CASE("neo4j: import files tell the tool of line breaks and of long texts, where there are") {
  const std::string plain = Written({fact(1, 5, 2, "a")})["import.args"];
  CHECK(has_line(plain, "#   neo4j-admin database import full neo4j @import.args"));
  CHECK(has_line(plain, "--nodes=Entity=entities.csv"));
  CHECK(has_line(plain, "--nodes=Fact=facts.csv"));
  CHECK(has_line(plain, "--relationships=role=left.csv"));
  CHECK(has_line(plain, "--relationships=role=right.csv"));
  CHECK(has_line(plain, "--bad-tolerance=0"));
  CHECK(plain.find("--multiline-fields") == std::string::npos);
  CHECK(plain.find("--read-buffer-size") == std::string::npos);
  CHECK(has_line(Written({fact(1, 5, 2, "a\rb")})["import.args"], "--multiline-fields=true"));
  const std::string extra = R"({"62":"a\nb"})";
  CHECK(has_line(Written({fact(1, 5, 2, "a", extra)}, {62})["import.args"],
                 "--multiline-fields=true"));
  CHECK(has_line(Written({fact(1, 5, 2, std::string(5'000'000, 'a'))})["import.args"],
                 "--read-buffer-size=20000008"));
}

}  // namespace prism::neo4j
