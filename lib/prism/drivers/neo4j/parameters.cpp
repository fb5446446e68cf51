#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {

Parameters& Parameters::integer(std::string_view name, std::int64_t value) {
  packer_.string(name);
  packer_.integer(value);
  return *this;
}

Parameters& Parameters::text(std::string_view name, std::string_view value) {
  packer_.string(name);
  packer_.string(value);
  return *this;
}

Parameters& Parameters::uids(std::string_view name, std::span<const Uid> uids) {
  packer_.string(name);
  packer_.list(uids.size());
  for (const Uid uid : uids) packer_.integer(uid);
  return *this;
}

Packer& Parameters::value(std::string_view name) {
  packer_.string(name);
  return packer_;
}

Parameters& Parameters::packed(std::string_view name, std::string_view value) {
  packer_.string(name);
  bytes_.append(value);
  return *this;
}

}  // namespace prism::neo4j
