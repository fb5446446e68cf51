#pragma once

#include <cstdint>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/stream.hpp>

namespace prism::consul {

struct SurveyOptions {
  std::string token = {};  ///< a SecretID to look for; empty: none
  bool digest = false;     ///< of the KV entries
};

/// What a snapshot holds, without what the servers make and change by themselves: their own nodes
/// and the services that agents register there, sessions, coordinates, indexes, certificate
/// authorities, the anonymous token and the policies that are always there.
struct Survey {
  backup::Counts counts;
  bool has_token = false;    ///< SurveyOptions::token was found
  bool has_secrets = false;  ///< of tokens, of peerings, or keys of a certificate authority
  std::string digest = {};   ///< SHA-256 of all keys, flags and values, in their order
};

/// Reads the state of a Consul server as its snapshots have it, to its end: a MessagePack map (the
/// header), then for each record a byte, the type of message, and a MessagePack value (Consul's
/// agent/consul/fsm/snapshot_ce.go; agent/structs/structs.go for the types). Types that aren't
/// known are passed over. Throws Error(bad_data) for what is no such state.
PRISM_API Survey survey_state(ByteSource& state, const SurveyOptions& options,
                              const Cancel& cancel);

}  // namespace prism::consul
