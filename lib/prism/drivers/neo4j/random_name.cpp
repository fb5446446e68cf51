#include <random>

#include <fmt/format.h>

#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {

std::string random_name() {
  std::random_device random;
  std::string name;
  for (int i = 0; i < 4; ++i) name += fmt::format("{:08x}", static_cast<unsigned>(random()));
  return name;
}

}  // namespace prism::neo4j
