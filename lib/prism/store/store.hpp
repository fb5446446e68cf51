#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/gellish/fact.hpp>
#include <prism/store/fact_reader.hpp>
#include <prism/store/history.hpp>
#include <prism/store/migration.hpp>
#include <prism/uid/registry.hpp>

namespace prism::store {

/// What becomes of a fact whose UID is stored with other values. A fact equal to the stored one is
/// unchanged under every policy; properties that the input has no column for are left alone.
enum class OnConflict { fail, skip, update };

struct LoadSummary {
  std::uint64_t inserted = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t updated = 0;
  std::uint64_t skipped = 0;  ///< conflicts under OnConflict::skip
};

/// One load: all of it or nothing is stored. Without `commit` nothing remains. Of a driver whose
/// database can't hold a large load in one transaction, one that is cut off in its commit is told
/// by StoreInfo::unfinished_load; no other can be stored until the same was stored, or taken out.
class Load {
 public:
  virtual ~Load() = default;

  /// A conflict under OnConflict::fail throws Error(refused), here or in `finish`.
  virtual void add(gellish::FactBatch batch) = 0;

  /// Nothing may be added afterwards. Returns what became of the facts.
  virtual LoadSummary finish() = 0;

  /// Finishes it where that was not done. `seen` are the highest UIDs of the input: no later take
  /// hands out one at or below them.
  virtual void commit(const uid::Highest& seen) = 0;

  /// Takes out what an earlier load has stored that was cut off half-way. False: there was none, as
  /// always where a load is one transaction.
  virtual bool abandon() { return false; }

  /// In place of adding: takes out all facts, entities, UID ranges and what is remembered of UIDs,
  /// and with them a load that was cut off half-way. In one transaction, or else in parts, such
  /// that the same again goes on with what is left. The history of runs stays.
  virtual void clear() = 0;
};

struct StoreInfo {
  std::string kind;      ///< `SQLite`
  std::string version;   ///< of the database software
  std::string location;  ///< for people: no secrets
  std::uint64_t facts = 0;
  std::uint64_t entities = 0;
  std::string lock_owner;       ///< the run that holds the lock, if any
  std::int64_t watermark = 0;   ///< grows with every load that changed something
  std::string unfinished_load;  ///< when a load began that was cut off half-way; empty: none
};

/// Held for as long as one run changes the store; see FactStore::lock.
class RunLock {
 public:
  virtual ~RunLock() = default;
};

/// A database that holds facts. Used by one thread; what it hands out must not outlive it.
class FactStore {
 public:
  virtual ~FactStore() = default;

  virtual StoreInfo info() = 0;

  virtual Schema schema() = 0;
  /// Brings the schema to that version, all of it or nothing; by default to the newest, where that
  /// changes none of the facts that are there. Throws as `plan` does, and Error(refused) rather
  /// than to drop facts or what is known of UIDs.
  virtual void migrate(std::optional<Version> to = std::nullopt) = 0;

  /// Keeps other runs that change the store away. Waits, then throws Error(locked).
  virtual std::unique_ptr<RunLock> lock(std::string_view purpose, std::chrono::seconds wait) = 0;

  /// One at a time.
  virtual std::unique_ptr<Load> begin_load(OnConflict on_conflict) = 0;

  /// What the cache is built from, as of now.
  virtual std::unique_ptr<FactReader> read_facts() = 0;

  /// What is remembered while a load is open is part of that load.
  virtual uid::Registry& uids() = 0;

  virtual RunHistory& history() = 0;
};

}  // namespace prism::store
