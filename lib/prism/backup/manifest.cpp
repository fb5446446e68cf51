#include <algorithm>
#include <bit>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/backup/manifest.hpp>
#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

using Json = nlohmann::ordered_json;

/// 1 had no checksum of its own.
constexpr int kSchema = 2;
/// Where the checksum of a manifest stands, it is made of a text that has this there.
const std::string kNoChecksum(64, '0');

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string text_or_empty(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json to_json(const Artifact& artifact) {
  return {{"name", artifact.name},
          {"object", artifact.object},
          {"parts", artifact.parts},
          {"bytes", artifact.bytes},
          {"stored_bytes", artifact.stored_bytes},
          {"sha256", artifact.sha256}};
}

Json to_json(const blocks::PackRecord& pack) {
  return {{"id", pack.id},
          {"stored_bytes", pack.stored_bytes},
          {"sha256", pack.sha256},
          {"index_sha256", pack.index_sha256}};
}

Json to_json(const std::optional<Physical>& physical) {
  if (!physical) return {};
  Json packs = Json::array();
  for (const auto& pack : physical->packs) packs.push_back(to_json(pack));
  return {{"type", physical->type},
          {"system", physical->system},
          {"segment_bytes", physical->segment_bytes},
          {"first_segment", physical->first_segment},
          {"last_segment", physical->last_segment},
          {"start_lsn", physical->start_lsn},
          {"stop_lsn", physical->stop_lsn},
          {"stopped", physical->stopped},
          {"new_bytes", physical->new_bytes},
          {"stored_bytes", physical->stored_bytes},
          {"packs", packs}};
}

Json to_json(const TargetRecord& target) {
  Json artifacts = Json::array();
  for (const Artifact& artifact : target.artifacts) artifacts.push_back(to_json(artifact));
  return {{"name", target.name},
          {"kind", target.kind},
          {"location", target.location},
          {"state", target.error.empty() ? "complete" : "failed"},
          {"error", text_or_null(target.error)},
          {"hint", text_or_null(target.hint)},
          {"version", target.content.version},
          {"counts", target.content.counts},
          {"remarks", target.content.remarks},
          {"left_out", target.content.left_out},
          {"physical", to_json(target.content.physical)},
          {"seconds", target.seconds},
          {"after_error", text_or_null(target.after_error)},
          {"artifacts", artifacts}};
}

/// Nothing that leads out of the folder of the backup.
bool is_plain(const std::string& object) {
  constexpr const char* kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !object.empty() && object[0] != '.' &&
         object.find_first_not_of(kAllowed) == std::string::npos;
}

/// A copy of a server's files is restored into a folder of that name.
bool is_name_of_target(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
}

Artifact artifact_of(const Json& json, const std::string& where) {
  Artifact artifact{json.at("name"),   json.at("object"),
                    json.at("bytes"),  json.at("stored_bytes"),
                    json.at("sha256"), json.value("parts", std::size_t{1})};
  if (is_plain(artifact.object)) return artifact;
  throw Error(ErrorCode::bad_data, where + ": no name of an object: " + in_quotes(artifact.object));
}

/// A pack's id is a part of names of objects.
blocks::PackRecord pack_of(const Json& json, const std::string& where) {
  blocks::PackRecord pack{json.at("id"), json.at("stored_bytes"), json.at("sha256"),
                          json.at("index_sha256")};
  if (is_plain(pack.id)) return pack;
  throw Error(ErrorCode::bad_data, where + ": no id of a pack: " + in_quotes(pack.id));
}

std::optional<Physical> physical_of(const Json& target, const std::string& where) {
  const auto json = target.find("physical");
  if (json == target.end() || json->is_null()) return {};
  Physical physical{json->at("type"),
                    json->at("system"),
                    json->at("segment_bytes"),
                    json->at("first_segment"),
                    json->at("last_segment"),
                    json->at("start_lsn"),
                    json->at("stop_lsn"),
                    json->at("stopped"),
                    json->at("new_bytes"),
                    json->at("stored_bytes"),
                    {}};
  for (const Json& pack : json->at("packs")) physical.packs.push_back(pack_of(pack, where));
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 20, kMost = std::uint64_t{1} << 30;
  const std::uint64_t segment = physical.segment_bytes;
  if (std::has_single_bit(segment) && segment >= kLeast && segment <= kMost) return physical;
  throw Error(ErrorCode::bad_data,
              where + ": no size of a WAL segment: " + std::to_string(segment));
}

TargetRecord target_of(const Json& json, const std::string& where) {
  TargetRecord target;
  target.name = json.at("name");
  if (!is_name_of_target(target.name)) {
    throw Error(ErrorCode::bad_data, where + ": no name of a target: " + in_quotes(target.name));
  }
  target.kind = json.at("kind");
  target.location = json.at("location");
  target.error = text_or_empty(json, "error");
  target.hint = text_or_empty(json, "hint");
  target.after_error = text_or_empty(json, "after_error");
  target.content = {json.at("version"), json.at("counts"), json.at("remarks"),
                    json.value("left_out", std::vector<std::string>()), physical_of(json, where)};
  target.seconds = json.at("seconds");
  for (const Json& artifact : json.at("artifacts")) {
    target.artifacts.push_back(artifact_of(artifact, where));
  }
  return target;
}

Manifest manifest_of(const Json& json, const std::string& where) {
  Manifest manifest;
  manifest.id = json.at("id");
  manifest.started = json.at("started");
  manifest.finished = json.at("finished");
  manifest.tool = json.at("tool");
  manifest.host = json.at("host");
  manifest.before_restore_of = json.at("before_restore_of");
  manifest.after_error = text_or_empty(json, "after_error");
  for (const Json& target : json.at("targets")) {
    manifest.targets.push_back(target_of(target, where));
  }
  return manifest;
}

void require_known_schema(int schema, const std::string& where) {
  if (schema == 1 || schema == kSchema) return;
  throw Error(ErrorCode::bad_data,
              fmt::format("{}: schema {}, expected 1 or {}", where, schema, kSchema),
              "a newer prismctl made it");
}

/// With the checksum of `text` in its last place for one.
std::string with_checksum(std::string text) {
  const std::string checksum = sha256_hex(text);
  return text.replace(text.rfind(kNoChecksum), kNoChecksum.size(), checksum);
}

void require_checksum(std::string text, const std::string& checksum, const std::string& where) {
  const std::size_t at = text.rfind(checksum);
  if (checksum.size() == kNoChecksum.size() && at != std::string::npos) {
    text.replace(at, checksum.size(), kNoChecksum);
    if (sha256_hex(text) == checksum) return;
  }
  throw Error(ErrorCode::bad_data, where + ": damaged: it is not what its own SHA-256 is of");
}

}  // namespace

bool Manifest::is_complete() const {
  return std::all_of(targets.begin(), targets.end(),
                     [](const TargetRecord& target) { return target.error.empty(); });
}

bool Manifest::has_after_error() const {
  return !after_error.empty() ||
         std::any_of(targets.begin(), targets.end(),
                     [](const TargetRecord& target) { return !target.after_error.empty(); });
}

bool Manifest::has_left_out() const {
  return std::any_of(targets.begin(), targets.end(),
                     [](const TargetRecord& target) { return !target.content.left_out.empty(); });
}

bool Manifest::is_physical() const {
  return std::any_of(targets.begin(), targets.end(), [](const TargetRecord& target) {
    return target.content.physical.has_value();
  });
}

std::uint64_t Manifest::stored_bytes() const {
  std::uint64_t bytes = 0;
  for (const TargetRecord& target : targets) {
    for (const Artifact& artifact : target.artifacts) bytes += artifact.stored_bytes;
    if (target.content.physical) bytes += target.content.physical->stored_bytes;
  }
  return bytes;
}

const TargetRecord* Manifest::find(std::string_view target) const {
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&](const TargetRecord& one) { return one.name == target; });
  return found == targets.end() ? nullptr : &*found;
}

std::string to_json_text(const Manifest& manifest) {
  Json targets = Json::array();
  for (const TargetRecord& target : manifest.targets) targets.push_back(to_json(target));
  const Json json{{"schema", kSchema},
                  {"id", manifest.id},
                  {"state", manifest.is_complete() ? "complete" : "incomplete"},
                  {"started", manifest.started},
                  {"finished", manifest.finished},
                  {"tool", manifest.tool},
                  {"host", manifest.host},
                  {"before_restore_of", manifest.before_restore_of},
                  {"after_error", text_or_null(manifest.after_error)},
                  {"targets", targets},
                  {"sha256", kNoChecksum}};
  return with_checksum(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Manifest parse_manifest(std::string_view json, const std::string& where) {
  try {
    const Json parsed = Json::parse(json);
    const int schema = parsed.at("schema");
    require_known_schema(schema, where);
    if (schema > 1) require_checksum(std::string(json), parsed.at("sha256"), where);
    return manifest_of(parsed, where);
  } catch (const Json::exception& e) {
    throw Error(ErrorCode::bad_data, where + ": no manifest of a backup: " + e.what());
  }
}

}  // namespace prism::backup
