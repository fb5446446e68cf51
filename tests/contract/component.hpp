#pragma once

#include <memory>
#include <string>

#include <prism/backup/component.hpp>

namespace prism::contract {

/// A target that holds something, for one test case.
class ComponentFixture {
 public:
  virtual ~ComponentFixture() = default;

  /// Called anew, it looks at the same target.
  virtual std::unique_ptr<backup::Component> open() = 0;
  /// All that the target says, as it is seen by its own users.
  virtual std::string state() = 0;
  /// Changes, adds and removes some of it.
  virtual void change() = 0;
  /// Nothing is left of it.
  virtual void remove() = 0;
  /// It is there, but nobody can read it any more. False: there is no such thing.
  virtual bool damage() { return false; }
};

void check_dump_and_restore(ComponentFixture& fixture);
void check_restore_of_what_is_gone(ComponentFixture& fixture);
void check_restore_of_what_is_damaged(ComponentFixture& fixture);
void check_counts(ComponentFixture& fixture);
void check_damaged_artifacts(ComponentFixture& fixture);
void check_missing_target(ComponentFixture& fixture);

}  // namespace prism::contract

/// `CASE(name, words)` for each case of the suite.
#define PRISM_COMPONENT_CONTRACT(CASE)                                              \
  CASE(check_dump_and_restore, "dump, change, restore: all is as it was")           \
  CASE(check_restore_of_what_is_gone, "what is gone comes back")                    \
  CASE(check_restore_of_what_is_damaged, "what is damaged is replaced")             \
  CASE(check_counts, "target, dump, artifacts and restore are counted alike")       \
  CASE(check_damaged_artifacts, "damaged artifacts are refused and change nothing") \
  CASE(check_missing_target, "a target that is not there is no empty one")
