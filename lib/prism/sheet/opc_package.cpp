#include <algorithm>
#include <charconv>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/opc_package.hpp>
#include <prism/sheet/xml_reader.hpp>

namespace prism::sheet {
namespace {

// Any number of sheets may refer to the same relationship, and each keeps its target. A workbook
// has some dozens.
constexpr std::size_t kMostRelationships = 10'000;
constexpr std::size_t kMostTarget = 4096;

/// `xl/_rels/workbook.xml.rels` for `xl/workbook.xml`
std::string relationships_part(std::string_view part) {
  const std::size_t slash = part.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  return std::string(part.substr(0, name)) + "_rels/" + std::string(part.substr(name)) + ".rels";
}

class RelationshipsHandler : public XmlHandler {
 public:
  explicit RelationshipsHandler(std::string_view part) : part_(part) {}

  void start(std::string_view element, const XmlTokenizer& xml) override {
    if (element != "Relationship" || xml.attribute_or_empty("TargetMode") == "External") return;
    if (all.size() == kMostRelationships) throw Damage("found more than 10000 relationships");
    const std::string_view type = xml.attribute_or_empty("Type");
    const std::string_view target = xml.attribute_or_empty("Target");
    if (target.size() > kMostTarget) throw Damage("found a part's name longer than 4096 bytes");
    all.push_back({std::string(xml.attribute_or_empty("Id")),
                   std::string(type.substr(type.rfind('/') + 1)), resolve_target(part_, target)});
  }

  std::vector<Relationship> all;

 private:
  std::string_view part_;
};

/// Looks for the override of one part, else for the default of its extension.
class ContentTypeHandler : public XmlHandler {
 public:
  explicit ContentTypeHandler(std::string_view part)
      : part_(part), extension_(part.substr(std::min(part.rfind('.') + 1, part.size()))) {}

  void start(std::string_view element, const XmlTokenizer& xml) override {
    if (element == "Override") {
      std::string_view name = xml.attribute_or_empty("PartName");
      if (name.starts_with('/')) name.remove_prefix(1);
      if (equals_ignoring_case(name, part_)) of_part = xml.attribute_or_empty("ContentType");
    } else if (element == "Default" &&
               equals_ignoring_case(xml.attribute_or_empty("Extension"), extension_)) {
      of_extension = xml.attribute_or_empty("ContentType");
    }
  }

  std::string of_part;
  std::string of_extension;

 private:
  std::string_view part_;
  std::string_view extension_;
};

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    const std::string_view digits = text.substr(std::min(i + 1, text.size()), 2);
    const char* const end = digits.data() + digits.size();
    const bool escape = text[i] == '%' && digits.size() == 2 &&
                        std::from_chars(digits.data(), end, code, 16).ptr == end;
    out += escape ? static_cast<char>(code) : text[i];
    if (escape) i += 2;
  }
  return out;
}

/// Takes off the last segment of a path.
void go_up(std::string& path) {
  const std::size_t slash = path.rfind('/');
  path.resize(slash == std::string::npos ? 0 : slash);
}

}  // namespace

std::string resolve_target(std::string_view from, std::string_view target) {
  std::string path(target.starts_with('/') || target.starts_with('\\') ? "" : from);
  go_up(path);
  std::string rest = percent_decoded(target);
  std::replace(rest.begin(), rest.end(), '\\', '/');
  std::string_view left = rest;
  while (!left.empty()) {
    const std::string_view segment = left.substr(0, left.find('/'));
    left.remove_prefix(std::min(segment.size() + 1, left.size()));
    if (segment == "..") {
      go_up(path);
    } else if (!segment.empty() && segment != ".") {
      if (!path.empty()) path += '/';
      path += segment;
    }
  }
  return path;
}

std::vector<Relationship> read_relationships(const ZipArchive& archive, std::string_view part) {
  const std::string name = relationships_part(part);
  if (!archive.contains(name)) return {};
  RelationshipsHandler handler(part);
  read_xml(archive.open(name), name, handler);
  return std::move(handler.all);
}

const Relationship* find_by_type(const std::vector<Relationship>& all, std::string_view type) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [type](const Relationship& r) { return r.type == type; });
  return found == all.end() ? nullptr : &*found;
}

const Relationship* find_by_id(const std::vector<Relationship>& all, std::string_view id) {
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const Relationship& r) { return r.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::string content_type(const ZipArchive& archive, std::string_view part) {
  constexpr std::string_view kPart = "[Content_Types].xml";
  if (!archive.contains(kPart)) return {};
  ContentTypeHandler handler(part);
  read_xml(archive.open(kPart), kPart, handler);
  return handler.of_part.empty() ? handler.of_extension : handler.of_part;
}

}  // namespace prism::sheet
