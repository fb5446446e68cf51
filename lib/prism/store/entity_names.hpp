#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::store {

/// The relation type of a specialization fact whose left name names its left object.
constexpr Uid kSpecialization = 1146;
/// The other relation type that makes the left object a subtype of the right one.
constexpr Uid kQualification = 1726;

/// Which fact an entity has its name from; the lowest source wins. `role` comes before `fact`.
struct NameSource {
  enum Role : std::uint8_t { specialization, right, left, none };

  Role role = none;
  Uid fact = 0;

  auto operator<=>(const NameSource&) const = default;
};

/// Collects the entities of facts and their names: the left name of the first specialization fact
/// (1146), else the first right name, else the first left name, where the first is the one with the
/// lowest fact UID. About 40 bytes an entity and its name.
class PRISM_API EntityNames {
 public:
  struct Entry {
    Uid entity = 0;  ///< 0: a free place
    NameSource source;
    std::uint32_t name_size = 0;
    std::size_t name_offset = 0;
  };

  EntityNames();

  /// Says that a fact about the entity comes soon: its place is fetched from memory meanwhile.
  void expect(Uid entity) const;

  void add_fact(Uid fact, Uid relation, Uid left, std::string_view left_name, Uid right,
                std::string_view right_name);

  /// All entries, ascending by entity. Nothing may be added afterwards.
  const std::vector<Entry>& sorted();
  std::string_view name(const Entry& entry) const {
    return {names_.data() + entry.name_offset, entry.name_size};
  }

 private:
  void add(Uid entity, NameSource source, std::string_view name);
  Entry& place(Uid entity);
  void grow();

  std::vector<Entry> entries_;  ///< open addressing; the size is a power of two
  std::size_t used_ = 0;
  std::string names_;
};

}  // namespace prism::store
