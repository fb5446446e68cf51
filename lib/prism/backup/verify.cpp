#include <algorithm>

#include <fmt/format.h>

#include <prism/backup/catalog.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/backup/verify.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/blocks/block_reader.hpp>

namespace prism::backup {
namespace {

/// `fact: 5263, expected 5262`; nothing where they are the same.
std::string difference(const Counts& found, const Counts& expected) {
  for (const auto& [name, count] : expected) {
    const auto other = found.find(name);
    const std::string has = other == found.end() ? "nothing" : with_separators(other->second);
    if (other == found.end() || other->second != count) {
      return fmt::format("{}: {}, expected {}", name, has, with_separators(count));
    }
  }
  return found.size() == expected.size() ? "" : "it holds more than the manifest says";
}

TargetProof proof_of(repository::Repository& repository, const std::string& id,
                     const TargetRecord& target, const ComponentOfKind& component_of_kind,
                     const ReadOptions& options, const Cancel& cancel) {
  const auto begin = std::chrono::steady_clock::now();
  TargetProof check{.name = target.name,
                    .kind = target.kind,
                    .trouble = target.error,
                    .decrypted = !is_encrypted(target) || !options.identity_file.empty(),
                    .tested = target.error.empty(),
                    .left_out = target.content.left_out};
  for (const Artifact& artifact : target.artifacts) check.stored_bytes += artifact.stored_bytes;
  if (target.content.physical) {
    for (const auto& pack : target.content.physical->packs) check.stored_bytes += pack.stored_bytes;
  }
  try {
    if (check.trouble.empty() && check.decrypted) {
      verify_target(repository, id, target, component_of_kind, options, cancel);
    } else if (check.trouble.empty()) {
      for (const Artifact& artifact : target.artifacts) check_stored(repository, id, artifact);
      const auto& physical = target.content.physical;
      if (physical) blocks::check_stored_packs(repository, physical->packs, true, cancel);
    }
  } catch (const Error& e) {
    cancel.check();
    check.trouble = e.hint().empty() ? e.what() : fmt::format("{} ({})", e.what(), e.hint());
    check.tested = is_damage(e.code());
  }
  check.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return check;
}

/// Damage may look like nonsense to a component before all of the artifact is read: it is told by
/// its place, not by what came of it.
Content checked(Component& component, repository::Repository& repository, const std::string& id,
                const TargetRecord& target, const ReadOptions& options, const Cancel& cancel) {
  try {
    StoredArtifactReader reader(repository, id, target, options, cancel);
    return component.check(reader);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    for (const Artifact& artifact : target.artifacts) check_stored(repository, id, artifact);
    throw;
  }
}

bool is_there(repository::Repository& repository, const std::string& id) {
  const auto objects = repository.list(id + "/");
  return std::any_of(objects.begin(), objects.end(), [&](const repository::Object& object) {
    return object.name == object_name(id, kManifest);
  });
}

}  // namespace

Outcome Verified::outcome() const {
  return state == State::damaged ? Outcome::bad : outcome_of(targets);
}

bool Verified::is_good() const { return state == State::complete && outcome() != Outcome::bad; }

bool Verified::is_whole() const { return outcome() == Outcome::good; }

bool is_damage(ErrorCode code) {
  return code == ErrorCode::bad_data || code == ErrorCode::critical;
}

void verify_target(repository::Repository& repository, const std::string& id,
                   const TargetRecord& target, const ComponentOfKind& component_of_kind,
                   const ReadOptions& options, const Cancel& cancel) {
  const auto component = component_of_kind(target.kind);
  if (!component) {
    throw Error(ErrorCode::configuration,
                fmt::format("target {}: no driver for {}", target.name, in_quotes(target.kind)),
                "a newer prismctl made this backup");
  }
  const Content content = checked(*component, repository, id, target, options, cancel);
  const std::string differs = difference(content.counts, target.content.counts);
  if (!differs.empty()) throw Error(ErrorCode::bad_data, "target " + target.name + ": " + differs);
}

Verified verify(repository::Repository& repository, const Backup& backup,
                const ComponentOfKind& component_of_kind, const ReadOptions& options,
                Context& context) {
  Verified verified{backup.id, backup.state, {}, backup.trouble};
  if (!backup.manifest) return verified;
  for (const TargetRecord& target : backup.manifest->targets) {
    context.cancel.check();
    verified.targets.push_back(
        proof_of(repository, backup.id, target, component_of_kind, options, context.cancel));
  }
  // What a prune beside this has removed is no damage.
  if (!verified.is_good() && !is_there(repository, backup.id))
    return {backup.id, State::partial, {}};
  return verified;
}

}  // namespace prism::backup
