#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/backup/catalog.hpp>
#include <prism/backup/proof.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr const char* kFolder = "reports/";
constexpr const char* kJson = ".json";
constexpr const char* kPage = ".txt";

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::good, Outcome::partial, Outcome::bad}) {
    if (outcome_name(outcome) == name) return outcome;
  }
  return {};
}

Json to_json(const Check& check) {
  return {{"what", check.what},
          {"expected", check.expected},
          {"found", check.found},
          {"good", check.is_good()}};
}

Json to_json(const TargetProof& target) {
  Json checks = Json::array();
  for (const Check& check : target.checks) checks.push_back(to_json(check));
  return {{"name", target.name},
          {"kind", target.kind},
          {"location", target.location.empty() ? Json() : Json(target.location)},
          {"outcome", outcome_name(target.outcome())},
          {"decrypted", target.decrypted},
          {"tested", target.tested},
          {"trouble", target.trouble.empty() ? Json() : Json(target.trouble)},
          {"stored_bytes", target.stored_bytes},
          {"seconds", target.seconds},
          {"left_out", target.left_out},
          {"checks", checks}};
}

std::string line(std::string_view name, const std::string& value) {
  return fmt::format("{:<12} {}\n", name, value);
}

std::string page_of(const TargetProof& target) {
  std::string page = fmt::format("\nTarget {} ({}): {}\n", target.name, target.kind,
                                 outcome_name(target.outcome()));
  if (!target.location.empty()) page += "  restored into " + target.location + "\n";
  page += fmt::format("  {} stored, {}\n", format_bytes(target.stored_bytes),
                      format_seconds(target.seconds));
  if (!target.decrypted) page += "  not decrypted: only its hashes were looked at\n";
  if (!target.trouble.empty()) {
    page += (target.tested ? "  failed: " : "  not tested: ") + target.trouble + "\n";
  }
  for (const std::string& one : target.left_out) page += "  left out of the backup: " + one + "\n";
  for (const Check& check : target.checks) {
    page += check.is_good() ? fmt::format("  [ok]   {}: {}\n", check.what, check.found)
                            : fmt::format("  [FAIL] {}: expected {}, found {}\n", check.what,
                                          check.expected, check.found);
  }
  return page;
}

void keep(repository::Repository& repository, const std::string& name, const std::string& text) {
  const auto sink = repository.create(name);
  sink->write(text);
  sink->finish();
}

/// From `20261121T101500Z-1a2b.verify.good.20261121T101000Z-3c4d`.
std::optional<KeptProof> proof_of(const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    parts.push_back(name.substr(at, end - at));
    at = end + 1;
  }
  if (parts.size() != 4) return {};
  const auto time = time_of_id(parts[0]);
  const auto outcome = outcome_named(parts[2]);
  const bool test = parts[1] == proof_name(ProofKind::restore_test);
  if (!time || !outcome || (!test && parts[1] != proof_name(ProofKind::verify))) return {};
  return KeptProof{test ? ProofKind::restore_test : ProofKind::verify, *time, parts[3], *outcome,
                   kFolder + name};
}

}  // namespace

std::string_view proof_name(ProofKind kind) {
  return kind == ProofKind::verify ? "verify" : "restore-test";
}

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::good:
      return "good";
    case Outcome::partial:
      return "partial";
    case Outcome::bad:
      break;
  }
  return "bad";
}

Outcome TargetProof::outcome() const {
  if (!tested) return Outcome::partial;
  const bool good =
      trouble.empty() &&
      std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.is_good(); });
  if (!good) return Outcome::bad;
  return decrypted ? Outcome::good : Outcome::partial;
}

Outcome outcome_of(const std::vector<TargetProof>& targets) {
  Outcome worst = targets.empty() ? Outcome::partial : Outcome::good;
  for (const TargetProof& target : targets) worst = std::max(worst, target.outcome());
  return worst;
}

Outcome Proof::outcome() const { return trouble.empty() ? outcome_of(targets) : Outcome::bad; }

std::string to_json_text(const Proof& proof) {
  Json targets = Json::array();
  for (const TargetProof& target : proof.targets) targets.push_back(to_json(target));
  const Json json{{"schema", kSchema},
                  {"report", proof_name(proof.kind)},
                  {"backup", proof.backup},
                  {"outcome", outcome_name(proof.outcome())},
                  {"started", proof.started},
                  {"finished", proof.finished},
                  {"user", proof.user},
                  {"host", proof.host},
                  {"tool", proof.tool},
                  {"repository", proof.repository},
                  {"trouble", proof.trouble.empty() ? Json() : Json(proof.trouble)},
                  {"targets", targets}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_json_text(const TargetProof& target) {
  return to_json(target).dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string to_page(const Proof& proof) {
  const bool test = proof.kind == ProofKind::restore_test;
  std::string page = fmt::format("{} of backup {}: {}\n\n", test ? "Restore test" : "Verification",
                                 proof.backup, outcome_name(proof.outcome()));
  page += line("by", proof.user + " on " + proof.host);
  page += line("from", proof.started);
  page += line("to", proof.finished);
  page += line("with", proof.tool);
  page += line("repository", proof.repository);
  if (!proof.trouble.empty()) page += line("failed", proof.trouble);
  for (const TargetProof& target : proof.targets) page += page_of(target);
  return page;
}

std::string keep_proof(repository::Repository& repository, const Proof& proof) {
  const std::string name =
      fmt::format("{}{}.{}.{}.{}", kFolder, make_id(std::chrono::system_clock::now()),
                  proof_name(proof.kind), outcome_name(proof.outcome()), proof.backup);
  keep(repository, name + kPage, to_page(proof));
  keep(repository, name + kJson, to_json_text(proof));
  return name;
}

std::vector<KeptProof> list_proofs(repository::Repository& repository) {
  std::vector<KeptProof> proofs;
  const std::string_view folder = kFolder, json = kJson;
  auto objects = repository.list(kFolder);
  std::stable_sort(objects.begin(), objects.end(),
                   [](const auto& a, const auto& b) { return a.modified < b.modified; });
  for (const auto& object : objects) {
    if (!object.name.ends_with(json)) continue;
    const std::string name =
        object.name.substr(folder.size(), object.name.size() - folder.size() - json.size());
    if (auto proof = proof_of(name)) proofs.push_back(std::move(*proof));
  }
  // Those of one second stay in the order in which they were written.
  std::stable_sort(proofs.begin(), proofs.end(),
                   [](const KeptProof& a, const KeptProof& b) { return a.time < b.time; });
  return proofs;
}

void remove_old_proofs(repository::Repository& repository,
                       std::chrono::system_clock::time_point now) {
  constexpr std::chrono::hours kAge{90 * 24};
  auto proofs = list_proofs(repository);
  std::erase_if(proofs, [](const KeptProof& one) { return one.kind != ProofKind::verify; });
  if (!proofs.empty()) proofs.pop_back();
  for (const KeptProof& proof : proofs) {
    if (proof.time > now - kAge) continue;
    repository.remove(proof.name + kJson);
    repository.remove(proof.name + kPage);
  }
}

}  // namespace prism::backup
