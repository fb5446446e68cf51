#include "results.hpp"

#include <fmt/format.h>

#include <prism/base/text.hpp>

namespace prismctl {

using prism::with_separators;

namespace {

Json files_of(const prism::setup::ConvertResult& result) {
  Json files = Json::array();
  for (const auto& file : result.fact_files) {
    files.push_back({{"name", file.name}, {"rows", file.rows}});
  }
  if (!files.empty()) return files;
  for (const auto& file : result.files) {
    files.push_back({{"name", file.name},
                     {"workbook", file.workbook},
                     {"sheet", file.sheet},
                     {"facts", file.facts}});
  }
  return files;
}

}  // namespace

Json to_json(const prism::setup::ConvertResult& result) {
  Json json{{"facts", result.facts},
            {"rejected", result.rejected},
            {"warnings", result.warnings},
            {"uids_taken", result.uids_taken},
            {"rejects_file", result.rejects_file.string()},
            {"files", files_of(result)}};
  if (!result.fact_files.empty()) json["unchanged"] = result.unchanged;
  return json;
}

Json to_json(const prism::setup::ImportResult& result) {
  return {{"inserted", result.facts.inserted}, {"unchanged", result.facts.unchanged},
          {"updated", result.facts.updated},   {"skipped", result.facts.skipped},
          {"rejected", result.rejected},       {"warnings", result.warnings},
          {"uids_taken", result.uids_taken},   {"rejects_file", result.rejects_file.string()}};
}

Json to_json(const prism::cache::Meta& meta) {
  Json json{{"generation", meta.generation},
            {"started", meta.started},
            {"finished", meta.finished},
            {"watermark", meta.watermark}};
  for (const auto family : prism::cache::kFamilies) {
    const auto& count = meta.count(family);
    json[std::string(prism::cache::family_name(family))] = {{"keys", count.keys},
                                                            {"members", count.members}};
  }
  return json;
}

Json to_json(const prism::cache::BuildReport& report) {
  Json json = to_json(report.meta);
  json["cyclic"] = report.cyclic;
  json["inconsistent"] = report.inconsistent;
  return json;
}

std::string summary_of(const prism::setup::ImportResult& result) {
  const auto& facts = result.facts;
  std::string text =
      fmt::format("{} facts inserted, {} unchanged, {} updated", with_separators(facts.inserted),
                  with_separators(facts.unchanged), with_separators(facts.updated));
  if (facts.skipped > 0) text += fmt::format(", {} skipped", with_separators(facts.skipped));
  return text + fmt::format(", {} {} rejected", with_separators(result.rejected),
                            result.rejected == 1 ? "row" : "rows");
}

std::string summary_of(const prism::cache::Meta& meta) {
  std::vector<std::string> parts;
  for (const auto family : prism::cache::kFamilies) {
    const auto& count = meta.count(family);
    parts.push_back(fmt::format("{} {} keys, {} members", prism::cache::family_name(family),
                                with_separators(count.keys), with_separators(count.members)));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string rejects_of(std::uint64_t rejected, const std::filesystem::path& file) {
  if (rejected == 0) return {};
  return fmt::format("{} rejected {} in {}", with_separators(rejected),
                     rejected == 1 ? "row is" : "rows are", file.string());
}

}  // namespace prismctl
