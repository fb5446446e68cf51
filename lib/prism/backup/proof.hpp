#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/backup/scratch_target.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

/// How a backup was looked at.
enum class ProofKind : std::uint8_t {
  verify,        ///< every byte read back
  restore_test,  ///< restored into scratch targets and compared
};

PRISM_API std::string_view proof_name(ProofKind kind);

enum class Outcome : std::uint8_t {
  good,
  partial,  ///< nothing bad was seen, but some of it was not decrypted, or not looked at
  bad,
};

PRISM_API std::string_view outcome_name(Outcome outcome);

/// What was seen of one target.
struct PRISM_API TargetProof {
  std::string name;
  std::string kind = {};
  std::string location = {};  ///< of the scratch target; empty: there was none
  std::string trouble = {};   ///< in the words of who failed; empty: nothing did
  bool decrypted = true;      ///< false: without an identity only the hashes could be looked at
  bool tested = true;         ///< false: it could not be looked at; `trouble` says why
  std::uint64_t stored_bytes = 0;
  double seconds = 0;
  std::vector<Check> checks = {};
  std::vector<std::string> left_out = {};  ///< when the backup was made: nothing bad of the rest

  Outcome outcome() const;
};

/// What was seen of a backup, kept beside it as evidence: who, when, which, and every figure.
struct PRISM_API Proof {
  ProofKind kind = ProofKind::verify;
  std::string backup;    ///< its id
  std::string started;   ///< UTC
  std::string finished;  ///< UTC
  std::string user;
  std::string host;
  std::string tool;
  std::string repository;
  std::vector<TargetProof> targets;
  std::string trouble = {};  ///< with the backup as a whole: damage; empty: none

  Outcome outcome() const;
};

/// The worst of theirs; of none nothing was seen.
PRISM_API Outcome outcome_of(const std::vector<TargetProof>& targets);

PRISM_API std::string to_json_text(const Proof& proof);
PRISM_API std::string to_json_text(const TargetProof& target);

/// A page for people: plain text.
PRISM_API std::string to_page(const Proof& proof);

/// Keeps it in the repository as `reports/TIME-KIND-ID.json` and `.txt`, and returns the name
/// without the ending.
PRISM_API std::string keep_proof(repository::Repository& repository, const Proof& proof);

/// A proof that is kept, as its name tells.
struct KeptProof {
  ProofKind kind;
  std::chrono::system_clock::time_point time;
  std::string backup;
  Outcome outcome;
  std::string name;  ///< without the ending
};

/// The oldest first.
PRISM_API std::vector<KeptProof> list_proofs(repository::Repository& repository);

/// Removes the reports of verifications that are older than 90 days, but for the latest. Those of
/// restore tests stay, as evidence.
PRISM_API void remove_old_proofs(repository::Repository& repository,
                                 std::chrono::system_clock::time_point now);

}  // namespace prism::backup
