#include <prism/sheet/damage.hpp>
#include <prism/sheet/string_arena.hpp>

namespace prism::sheet {

void StringArena::end_string() {
  constexpr std::size_t kMostText = std::size_t{1} << 31;
  if (text_.size() > kMostText) throw Damage("the shared strings take more than 2 GiB");
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
}

}  // namespace prism::sheet
