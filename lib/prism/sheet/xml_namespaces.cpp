#include <algorithm>
#include <array>

#include <prism/sheet/damage.hpp>
#include <prism/sheet/xml_namespaces.hpp>

namespace prism::sheet {
namespace {

using namespace std::string_view_literals;

/// At the same time. They are looked through for each element with a prefix.
constexpr std::size_t kMost = 256;

// [ECMA-376] part 1 annex A (strict) and part 4 annex A (transitional), part 2 annex E.
constexpr std::array kKnown{
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"sv,
    "http://purl.oclc.org/ooxml/spreadsheetml/main"sv,
    "http://schemas.openxmlformats.org/package/2006/relationships"sv,
    "http://schemas.openxmlformats.org/package/2006/content-types"sv,
    "http://schemas.microsoft.com/office/2006/keyEncryptor/password"sv,  // [MS-OFFCRYPTO]
    ""sv,
};
constexpr std::array kRelationships{
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"sv,
    "http://purl.oclc.org/ooxml/officeDocument/relationships"sv,
};

XmlNamespaces::Kind kind_of(std::string_view uri) {
  const auto is_one_of = [uri](const auto& all) {
    return std::find(all.begin(), all.end(), uri) != all.end();
  };
  if (is_one_of(kKnown)) return XmlNamespaces::Kind::known;
  return is_one_of(kRelationships) ? XmlNamespaces::Kind::relationships
                                   : XmlNamespaces::Kind::other;
}

std::string_view prefix_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

}  // namespace

void XmlNamespaces::declare(std::string_view attribute, std::string_view uri, unsigned depth) {
  constexpr std::string_view kPrefixed = "xmlns:";
  const bool prefixed = attribute.starts_with(kPrefixed);
  if (!prefixed && attribute != "xmlns") return;
  if (declared_.size() == kMost) throw Damage("more than 256 namespaces are declared");
  const std::string_view prefix = prefixed ? attribute.substr(kPrefixed.size()) : "";
  declared_.push_back({depth, std::string(prefix), kind_of(uri)});
  default_ = kind({});
}

void XmlNamespaces::forget(unsigned depth) {
  while (!declared_.empty() && declared_.back().depth == depth) declared_.pop_back();
  default_ = kind({});
}

void XmlNamespaces::know_root(std::string_view name) {
  const std::string_view prefix = prefix_of(name);
  for (Declaration& declaration : declared_) {
    if (declaration.prefix == prefix) declaration.kind = Kind::known;
  }
  default_ = kind({});
}

XmlNamespaces::Kind XmlNamespaces::kind(std::string_view prefix) const {
  const auto found = std::find_if(declared_.rbegin(), declared_.rend(),
                                  [prefix](const Declaration& d) { return d.prefix == prefix; });
  return found == declared_.rend() ? Kind::known : found->kind;
}

}  // namespace prism::sheet
