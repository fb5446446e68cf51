#include <prism/gellish/fact.hpp>

namespace prism::gellish {

void FactBatch::add_text(std::string_view text) {
  cells_.push_back({Value::Type::text, static_cast<std::uint32_t>(text.size()),
                    static_cast<std::int64_t>(texts_.size())});
  texts_ += text;
}

void FactBatch::clear() {
  cells_.clear();
  texts_.clear();
}

}  // namespace prism::gellish
