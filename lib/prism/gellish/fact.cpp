#include <prism/gellish/fact.hpp>

namespace prism::gellish {

void FactBatch::add_text(std::string_view text) {
  cells_.push_back({Value::Type::text, static_cast<std::uint32_t>(text.size()),
                    static_cast<std::int64_t>(texts_.size())});
  texts_ += text;
}

Value FactBatch::at(std::size_t row, std::size_t column) const {
  const Cell& cell = cells_[row * layout_.width() + column];
  if (cell.type == Value::Type::number) return {cell.type, cell.number_or_offset, {}};
  if (cell.type == Value::Type::null) return {};
  return {cell.type, 0,
          {texts_.data() + static_cast<std::size_t>(cell.number_or_offset), cell.size}};
}

void FactBatch::clear() {
  cells_.clear();
  texts_.clear();
}

}  // namespace prism::gellish
