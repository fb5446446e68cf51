#include "zip_builder.hpp"

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

constexpr const char* kMain = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr const char* kTypes =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr const char* kPackage = "http://schemas.openxmlformats.org/package/2006";

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

/// What the local header and the central directory say alike.
std::string description(const BuiltPart& part) {
  const auto size = static_cast<std::uint32_t>(part.content.size());
  return le16(20) + le16(0) + le16(0) + le16(0) + le16(0x5B75) + le32(crc32(part.content)) +
         le32(size) + le32(size) + le16(static_cast<unsigned>(part.name.size())) + le16(0);
}

std::string relationship(const char* id, const char* type, const char* target) {
  return std::string("<Relationship Id='") + id + "' Type='" + kTypes + "/" + type + "' Target='" +
         target + "'/>";
}

std::string relationships(const std::string& all) {
  return std::string("<Relationships xmlns='") + kPackage + "/relationships'>" + all +
         "</Relationships>";
}

std::string main_element(const std::string& name, const std::string& content) {
  return "<?xml version='1.0' encoding='UTF-8'?><" + name + " xmlns='" + kMain + "' xmlns:r='" +
         kTypes + "'>" + content + "</" + name + ">";
}

}  // namespace

std::string zip_file(const std::vector<BuiltPart>& parts) {
  std::string locals;
  std::string central;
  for (const BuiltPart& part : parts) {
    central += "PK\x01\x02" + le16(20) + description(part) + le16(0) + le16(0) + le16(0) + le32(0) +
               le32(static_cast<std::uint32_t>(locals.size())) + part.name;
    locals += "PK\x03\x04" + description(part) + part.name + part.content;
  }
  const unsigned count = static_cast<unsigned>(parts.size());
  return locals + central + "PK\x05\x06" + le16(0) + le16(0) + le16(count) + le16(count) +
         le32(static_cast<std::uint32_t>(central.size())) +
         le32(static_cast<std::uint32_t>(locals.size())) + le16(0);
}

std::vector<BuiltPart> BuiltXlsx::parts() const {
  const std::string types = std::string("<Types xmlns='") + kPackage +
                            "/content-types'><Override PartName='/xl/workbook.xml' "
                            "ContentType='application/vnd.openxmlformats-officedocument."
                            "spreadsheetml.sheet.main+xml'/></Types>";
  return {
      {"[Content_Types].xml", types},
      {"_rels/.rels", relationships(relationship("rId1", "officeDocument", "xl/workbook.xml"))},
      {"xl/workbook.xml",
       main_element("workbook", workbook_properties + "<sheets><sheet name='Sheet1' sheetId='1' "
                                                      "r:id='rId1'/></sheets>")},
      {"xl/_rels/workbook.xml.rels",
       relationships(relationship("rId1", "worksheet", "worksheets/sheet1.xml") +
                     relationship("rId2", "styles", "styles.xml") +
                     relationship("rId3", "sharedStrings", "sharedStrings.xml"))},
      {"xl/styles.xml", main_element("styleSheet", styles)},
      {"xl/sharedStrings.xml", main_element("sst", shared_strings)},
      {"xl/worksheets/sheet1.xml",
       main_element("worksheet", "<sheetData>" + sheet_data + "</sheetData>")},
  };
}

std::string& part(std::vector<BuiltPart>& parts, const std::string& name) {
  for (BuiltPart& part : parts) {
    if (part.name == name) return part.content;
  }
  throw std::logic_error("no part " + name);
}

}  // namespace prism::sheet::test
