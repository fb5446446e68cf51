#include <algorithm>

#include <fmt/format.h>

#include <prism/drivers/neo4j/graph.hpp>
#include <prism/drivers/neo4j/import_files.hpp>

namespace prism::neo4j {
namespace {

namespace fs = std::filesystem;
using gellish::FactBatch;
using gellish::Property;
using gellish::Value;

constexpr std::string_view kEntities = "entities.csv";
constexpr std::string_view kFacts = "facts.csv";
constexpr std::string_view kLeft = "left.csv";
constexpr std::string_view kRight = "right.csv";
constexpr std::string_view kArguments = "import.args";

/// A value that is longer needs a larger buffer of the tool than its default of 4 MiB.
constexpr std::size_t kLongText = std::size_t{1} << 20;

/// What the tool calls a type.
std::string_view type_name(PropertyType type) {
  switch (type) {
    case PropertyType::integer:
      return "long";
    case PropertyType::date:
      return "date";
    case PropertyType::string:
      break;
  }
  return "string";
}

/// The column of a node's key, which the relationships name it by.
std::string key_column(std::string_view key, std::string_view label) {
  return fmt::format("{}:ID({}){{id-type:long}}", key, label);
}

std::string relationship_header(std::string_view from, std::string_view to) {
  return fmt::format(":START_ID({}),:END_ID({})\n", from, to);
}

std::unique_ptr<FileWriter> writer_of(const fs::path& file, const std::string& header) {
  auto writer = std::make_unique<FileWriter>(file);
  writer->write_behind();
  writer->buffer() = header;
  return writer;
}

void add_relationship(FileWriter& writer, Uid from, Uid to) {
  fmt::format_to(std::back_inserter(writer.buffer()), "{},{}\n", from, to);
  writer.flush_if_full();
}

}  // namespace

std::vector<std::string> ImportFiles::names() const {
  return {std::string(kEntities), std::string(kFacts), std::string(kLeft), std::string(kRight),
          std::string(kArguments)};
}

void ImportFiles::open(const fs::path& folder, const std::vector<gellish::ColumnId>& unknown) {
  folder_ = folder;
  unknown_ = unknown;
  facts_ = writer_of(folder / kFacts, fact_header());
  left_ = writer_of(folder / kLeft, relationship_header(kEntityLabel, kFactLabel));
  right_ = writer_of(folder / kRight, relationship_header(kFactLabel, kEntityLabel));
}

std::string ImportFiles::fact_header() const {
  std::string header;
  for (const gellish::PropertyInfo& property : gellish::properties()) {
    const bool key = property.property == Property::fact_uid;
    header += key ? key_column(kFactKey, kFactLabel)
                  : fmt::format("{}:{}", property.name, type_name(property_type(property.kind)));
    header += ',';
  }
  for (const gellish::ColumnId column : unknown_) {
    header += fmt::format("{}:{},", column_property(column), type_name(PropertyType::string));
  }
  header.back() = '\n';
  return header;
}

void ImportFiles::add(const FactBatch& batch) {
  Places places(gellish::kPropertyCount, -1);
  const auto& properties = batch.layout().properties;
  for (std::size_t i = 0; i < properties.size(); ++i) {
    places[static_cast<std::size_t>(properties[i])] = static_cast<int>(i);
  }
  for (std::size_t row = 0; row < batch.rows(); ++row) add_fact(batch, row, places);
}

void ImportFiles::add_fact(const FactBatch& batch, std::size_t row, const Places& places) {
  const auto value_of = [&](Property property) {
    const int place = places[static_cast<std::size_t>(property)];
    return place < 0 ? Value{} : batch.at(row, static_cast<std::size_t>(place));
  };
  for (const gellish::PropertyInfo& property : gellish::properties()) {
    add_value(value_of(property.property), property.kind == gellish::ValueKind::text);
  }
  if (!unknown_.empty()) {
    add_unknown(batch.layout().extra ? batch.at(row, batch.layout().properties.size()) : Value{});
  }
  facts_->buffer().back() = '\n';
  facts_->flush_if_full();

  const Uid fact = value_of(Property::fact_uid).number;
  const Uid left = value_of(Property::lh_object_uid).number;
  const Uid right = value_of(Property::rh_object_uid).number;
  add_relationship(*left_, left, fact);
  add_relationship(*right_, fact, right);
  entities_.insert(left);
  entities_.insert(right);
  ++rows_;
}

void ImportFiles::add_value(const Value& value, bool text) {
  std::string& out = facts_->buffer();
  if (value.type == Value::Type::number) {
    out += std::to_string(value.number);
  } else if (text && value.type == Value::Type::text) {
    add_text(value.text);
  } else {
    out += value.text;
  }
  out += ',';
}

void ImportFiles::add_unknown(const Value& extra) {
  const auto known = unknown_columns(extra.text);
  auto next = known.begin();
  for (const gellish::ColumnId column : unknown_) {
    if (next != known.end() && next->first == column) add_text(next++->second);
    facts_->buffer() += ',';
  }
}

void ImportFiles::add_text(std::string_view text) {
  std::string& out = facts_->buffer();
  const std::size_t begin = out.size();
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    line_breaks_ = line_breaks_ || c == '\n' || c == '\r';
    out += c;
  }
  out += '"';
  longest_text_ = std::max(longest_text_, out.size() - begin);
}

std::vector<store::FactFile> ImportFiles::finish() {
  facts_->close();
  left_->close();
  right_->close();
  write_entities();
  write_arguments();
  return {{std::string(kEntities), entities_.size()},
          {std::string(kFacts), rows_},
          {std::string(kLeft), rows_},
          {std::string(kRight), rows_},
          {std::string(kArguments), 0}};
}

void ImportFiles::write_entities() {
  const auto writer = writer_of(folder_ / kEntities, key_column(kEntityKey, kEntityLabel) + "\n");
  entities_.for_each([&](Uid entity) {
    writer->buffer() += std::to_string(entity) + '\n';
    writer->flush_if_full();
  });
  writer->close();
}

/// The tool is told of line breaks only where there are some, for it reads faster without.
void ImportFiles::write_arguments() {
  FileWriter writer(folder_ / kArguments);
  std::string& out = writer.buffer();
  out += fmt::format(
      "# The graph of {} facts and {} entities, for Neo4j 5.\n"
      "# In this folder, with the server stopped:\n"
      "#   neo4j-admin database import full neo4j @{}\n"
      "# It replaces a database that is there already only with --overwrite-destination.\n"
      "# Then start the server; prismctl migrate adds the constraints, prismctl rebuild-cache\n"
      "# fills the cache.\n",
      rows_, entities_.size(), kArguments);
  for (const auto& [label, file] : {std::pair(kEntityLabel, kEntities), {kFactLabel, kFacts}}) {
    out += fmt::format("--nodes={}={}\n", label, file);
  }
  for (const std::string_view file : {kLeft, kRight}) {
    out += fmt::format("--relationships={}={}\n", kRoleType, file);
  }
  out += "--bad-tolerance=0\n";
  if (line_breaks_) out += "--multiline-fields=true\n";
  if (longest_text_ > kLongText) out += fmt::format("--read-buffer-size={}\n", 4 * longest_text_);
  writer.close();
}

std::string ImportFiles::next_step(const fs::path& folder) const {
  return fmt::format("in {}, with the server stopped: neo4j-admin database import full neo4j @{}",
                     folder.string(), kArguments);
}

}  // namespace prism::neo4j
