#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/store/store.hpp>

namespace prism::contract {

/// A store of one driver for one test case, fresh and of the newest schema.
class StoreFixture {
 public:
  virtual ~StoreFixture() = default;

  /// Another connection to the same store.
  virtual std::unique_ptr<store::FactStore> open() = 0;

  /// All entities and their names, by the database's own means: no interface tells them.
  virtual std::map<Uid, std::string> names() = 0;

  /// Gives the store the schema version 999, by the database's own means.
  virtual void make_newer() = 0;

  /// Whether a reader goes on to see what it saw first; else it ends with Error(locked) where the
  /// store was changed meanwhile.
  virtual bool reads_one_moment() const { return true; }
};

/// What every driver's store must do: the checks and their words. A driver's test defines CASE as a
/// TEST_CASE that makes a fixture and calls the check, and expands the list with it.
#define PRISM_FACT_STORE_CONTRACT(CASE)                                                            \
  CASE(new_store_is_empty, "a new store is empty and of the newest schema")                        \
  CASE(migrating_again_changes_nothing, "migrating again changes nothing")                         \
  CASE(migrating_down_and_up_again, "an empty store is migrated down and up again")                \
  CASE(migrating_down_keeps_facts, "migrating down is refused where facts or UIDs would be lost")  \
  CASE(migrating_to_unknown_version, "migrating to a version that there is not is refused")        \
  CASE(newer_schema_is_refused, "a schema newer than the program's is refused")                    \
  CASE(lock_keeps_others_away, "a lock keeps other runs away until it is given back")              \
  CASE(clearing_takes_all_out,                                                                     \
       "clearing takes out facts, entities and UIDs, and leaves the history")                      \
  CASE(load_inserts, "a load inserts facts with all kinds of values")                              \
  CASE(load_without_commit_leaves_nothing, "a load without commit leaves nothing")                 \
  CASE(uncommitted_facts_are_not_seen, "others see a load when it is committed")                   \
  CASE(equal_facts_are_unchanged, "a fact equal to the stored one is unchanged")                   \
  CASE(conflict_fails, "a conflict ends a load and leaves the store as it was")                    \
  CASE(conflict_is_skipped, "a conflict is skipped where that was chosen")                         \
  CASE(conflict_updates, "a conflict updates the fact where that was chosen")                      \
  CASE(nothing_conflicts_with_something, "nothing and something are different values")             \
  CASE(absent_columns_are_left_alone, "columns that the input doesn't have are left alone")        \
  CASE(doubles_of_the_input, "a fact that stands twice in the input meets itself")                 \
  CASE(conflicts_amid_many, "facts that are there already are met amid many new ones")             \
  CASE(batches_of_several_layouts, "one load takes batches of several layouts")                    \
  CASE(odd_texts_are_kept, "texts are kept byte by byte")                                          \
  CASE(watermark_grows_with_changes, "the watermark grows with every load that changes something") \
  CASE(entities_are_named, "entities are named by their facts, of one load or of several")         \
  CASE(updates_rename_entities, "an update may take a name or an entity away")                     \
  CASE(many_facts, "a load takes many facts")                                                      \
  CASE(ranges_begin_at_their_limits, "ranges of UIDs begin at their limits")                       \
  CASE(reserved_uids_are_never_given_twice, "reserved UIDs are never given twice")                 \
  CASE(ranges_end, "a range that has no more is refused and nothing is taken")                     \
  CASE(stored_uids_are_never_given, "UIDs that the store holds are never given")                   \
  CASE(seen_uids_are_never_given, "UIDs that an input holds are never given, then or later")       \
  CASE(reserving_side_by_side, "runs that reserve at once never get the same UID")                 \
  CASE(assigned_uids_are_remembered, "what temporary and blank UIDs became is remembered")         \
  CASE(assigned_by_workbook_and_kind, "temporary UIDs are told apart by workbook and kind")        \
  CASE(assigned_by_content_and_occurrence, "blanks are told apart by content and occurrence")      \
  CASE(assign_takes_all_or_nothing, "all requests are assigned or none")                           \
  CASE(assigned_within_a_load, "what is assigned in a load that is dropped is forgotten")          \
  CASE(runs_are_recorded, "runs and their stages are recorded")                                    \
  CASE(latest_run_of_a_command, "the latest run of a command is found")                            \
  CASE(runs_are_seen_by_others, "a run that goes on is seen by others")                            \
  CASE(memberships_are_read_in_order, "memberships are read in order, each pair once")             \
  CASE(specializations_are_read_in_order, "specializations are read in the order of facts")        \
  CASE(readers_see_one_moment, "a reader sees the facts of one moment")

#define PRISM_DECLARE_CHECK(check, words) void check(StoreFixture& fixture);
PRISM_FACT_STORE_CONTRACT(PRISM_DECLARE_CHECK)
#undef PRISM_DECLARE_CHECK

/// A fact with what its entities are named by.
struct Fact {
  Uid uid = 0;
  Uid left = 10;
  std::string left_name = "left";
  Uid relation = 5138;
  Uid right = 20;
  std::string right_name = "right";
};

/// A value to be put into a batch.
struct Input {
  Input(std::nullptr_t) {}                                                 // NOLINT: rows of values
  Input(int value) : type(gellish::Value::Type::number), number(value) {}  // NOLINT
  Input(Uid value) : type(gellish::Value::Type::number), number(value) {}  // NOLINT
  Input(std::string words) : type(gellish::Value::Type::text), text(std::move(words)) {}  // NOLINT
  Input(const char* words) : Input(std::string(words)) {}                                 // NOLINT

  gellish::Value::Type type = gellish::Value::Type::null;
  std::int64_t number = 0;
  std::string text;
};

gellish::FactBatch batch_of(const std::vector<Fact>& facts);
gellish::FactBatch batch_of(gellish::FactLayout layout,
                            const std::vector<std::vector<Input>>& rows);

/// Loads and commits one batch.
store::LoadSummary load(store::FactStore& store, const gellish::FactBatch& batch,
                        store::OnConflict on_conflict = store::OnConflict::fail);

/// Whether the store holds these facts with exactly these values.
bool holds(store::FactStore& store, const gellish::FactBatch& batch);

/// Inserted, unchanged, updated, skipped.
std::string shown(const store::LoadSummary& summary);

}  // namespace prism::contract
