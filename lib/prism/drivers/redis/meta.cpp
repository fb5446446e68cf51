#include <charconv>

#include <prism/drivers/redis/meta.hpp>

namespace prism::redis {
namespace {

std::string field(cache::Family family, std::string_view what) {
  return std::string(cache::family_name(family)) + "_" + std::string(what);
}

/// The fields of a hash by name; what is absent or no number is 0 or empty.
class Hash {
 public:
  explicit Hash(const Reply& reply) : reply_(reply) {}

  std::string_view text(std::string_view name) const {
    for (std::size_t i = 0; i + 1 < reply_.items.size(); i += 2) {
      if (reply_.items[i]->text == name) return reply_.items[i + 1]->text;
    }
    return {};
  }

  template <typename Number>
  Number number(std::string_view name) const {
    const std::string_view digits = text(name);
    Number number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

 private:
  const Reply& reply_;
};

}  // namespace

std::string unfinished_field(cache::Family family) {
  return "unfinished_" + std::string(cache::family_name(family));
}

std::optional<cache::Meta> read_meta(const Reply& reply) {
  if (reply.items.empty()) return std::nullopt;
  const Hash hash(reply);
  cache::Meta meta{.generation = hash.number<std::int64_t>("generation"),
                   .started = std::string(hash.text("started")),
                   .finished = std::string(hash.text("finished")),
                   .watermark = hash.number<std::int64_t>("watermark"),
                   .counts = {}};
  for (const cache::Family family : cache::kFamilies) {
    meta.count(family) = {hash.number<std::uint64_t>(field(family, "keys")),
                          hash.number<std::uint64_t>(field(family, "members"))};
    const std::string_view since = hash.text(unfinished_field(family));
    if (!since.empty() && (meta.unfinished.empty() || since < meta.unfinished)) {
      meta.unfinished = since;
    }
  }
  return meta;
}

Fields fields_of(const cache::Meta& meta) {
  Fields fields{{"generation", std::to_string(meta.generation)},
                {"started", meta.started},
                {"finished", meta.finished},
                {"watermark", std::to_string(meta.watermark)}};
  for (const cache::Family family : cache::kFamilies) {
    fields.emplace_back(field(family, "keys"), std::to_string(meta.count(family).keys));
    fields.emplace_back(field(family, "members"), std::to_string(meta.count(family).members));
  }
  return fields;
}

}  // namespace prism::redis
