#include <string>

#include <prism/sheet/damage.hpp>

namespace prism::sheet {

OutOfOrder::OutOfOrder(std::uint32_t before)
    : Damage("found behind row " + std::to_string(before) + ", expected rows in rising order") {}

void throw_too_short(std::size_t found, std::size_t expected) {
  throw Damage("found " + std::to_string(found) + " bytes, expected at least " +
               std::to_string(expected));
}

}  // namespace prism::sheet
