#include <fmt/format.h>

#include <prism/backup/restore_test.hpp>
#include <prism/backup/shared_progress.hpp>
#include <prism/base/error.hpp>

namespace prism::backup {
namespace {

std::string text_of(const Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? "none" : std::to_string(found->second);
}

/// Each thing that either of the two has.
void compare_counts(const Counts& expected, const Counts& found, std::vector<Check>& checks) {
  Counts all = expected;
  all.insert(found.begin(), found.end());
  for (const auto& [name, count] : all) {
    checks.push_back({"number of " + name, text_of(expected, name), text_of(found, name)});
  }
}

class Tester {
 public:
  Tester(repository::Repository& repository, const Backup& backup,
         const ScratchOfTarget& scratch_of_target, const ReadOptions& options, Context& context)
      : repository_(repository),
        backup_(backup),
        scratch_of_target_(scratch_of_target),
        options_(options),
        context_(context),
        progress_(context.progress, "restore test") {}

  TargetProof test(const TargetRecord& target) {
    const auto begin = std::chrono::steady_clock::now();
    TargetProof proof{.name = target.name,
                      .kind = target.kind,
                      .trouble = target.error,
                      .tested = target.error.empty(),
                      .left_out = target.content.left_out};
    for (const Artifact& artifact : target.artifacts) proof.stored_bytes += artifact.stored_bytes;
    progress_.begin(target.name);
    try {
      if (proof.trouble.empty()) restore_and_compare(target, proof);
    } catch (const Error& e) {
      context_.cancel.check();
      proof.trouble = e.hint().empty() ? e.what() : fmt::format("{} ({})", e.what(), e.hint());
      proof.tested = proof.tested && is_damage(e.code());
    }
    progress_.end(target.name);
    proof.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return proof;
  }

 private:
  void restore_and_compare(const TargetRecord& target, TargetProof& proof) {
    proof.tested = false;
    const auto scratch = scratch_of_target_(target, context_.cancel);
    proof.tested = true;
    proof.location = scratch->location();
    StoredArtifactReader stored(repository_, backup_.id, target, options_, context_.cancel);
    CountedReader artifacts(stored, progress_, target.name);
    scratch->component().restore(artifacts);
    Found found = scratch->examine(artifacts);
    compare_counts(target.content.counts, found.counts, proof.checks);
    for (Check& check : found.checks) proof.checks.push_back(std::move(check));
  }

  repository::Repository& repository_;
  const Backup& backup_;
  const ScratchOfTarget& scratch_of_target_;
  const ReadOptions& options_;
  Context& context_;
  SharedProgress progress_;
};

}  // namespace

Verified test_restore(repository::Repository& repository, const Backup& backup,
                      const ScratchOfTarget& scratch_of_target, const ReadOptions& options,
                      Context& context) {
  Verified verified{backup.id, backup.state, {}, backup.trouble};
  if (!backup.manifest) return verified;
  Tester tester(repository, backup, scratch_of_target, options, context);
  for (const TargetRecord& target : backup.manifest->targets) {
    context.cancel.check();
    verified.targets.push_back(tester.test(target));
  }
  return verified;
}

}  // namespace prism::backup
