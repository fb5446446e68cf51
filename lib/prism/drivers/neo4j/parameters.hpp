#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/query.hpp>
#include <prism/uid/uid.hpp>

namespace prism::neo4j {

/// The parameters of a query, packed.
class Parameters {
 public:
  /// `count` of them will be added.
  explicit Parameters(std::size_t count) { packer_.map(count); }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  Parameters& integer(std::string_view name, std::int64_t value);
  Parameters& text(std::string_view name, std::string_view value);
  Parameters& uids(std::string_view name, std::span<const Uid> uids);
  /// The value is put by the caller into what is returned.
  Packer& value(std::string_view name);
  /// Bytes that a packer wrote.
  Parameters& packed(std::string_view name, std::string_view value);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  Packer packer_{bytes_};
};

/// The first field of the single record that the query returns; 0 where there is none, or a null.
template <typename Runner>
std::int64_t integer_of(Runner&& runner, const Query& query) {
  std::int64_t value = 0;
  runner.run(query, [&](Unpacker& fields) {
    if (!fields.take_null()) value = fields.integer();
  });
  return value;
}

}  // namespace prism::neo4j
