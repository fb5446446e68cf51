#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prism::sheet {

/// What the prefixes of a document stand for, element by element. Of all namespaces only two kinds
/// are told apart from the rest: those whose elements are read and those of relationships' ids,
/// both in their strict and their transitional form.
class XmlNamespaces {
 public:
  enum class Kind : std::uint8_t { known, relationships, other };

  /// An `xmlns` or `xmlns:prefix` attribute of the element at that depth. Throws Damage where there
  /// are absurdly many.
  void declare(std::string_view attribute, std::string_view uri, unsigned depth);
  /// The element at that depth has ended.
  void end(unsigned depth) {
    if (!declared_.empty() && declared_.back().depth == depth) forget(depth);
  }
  /// Whatever the namespace of the document's root is, it is known from now on.
  void know_root(std::string_view name);

  /// Of an element or attribute with that prefix. A prefix that was never declared is known.
  Kind kind(std::string_view prefix) const;
  /// Of an element without a prefix.
  Kind default_kind() const { return default_; }

 private:
  struct Declaration {
    unsigned depth;
    std::string prefix;
    Kind kind;
  };

  void forget(unsigned depth);

  std::vector<Declaration> declared_;
  Kind default_ = Kind::known;
};

}  // namespace prism::sheet
