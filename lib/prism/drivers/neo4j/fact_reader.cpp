#include <exception>
#include <optional>
#include <thread>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/base/queue.hpp>
#include <prism/drivers/neo4j/fact_reader.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

constexpr std::string_view kByLeft =
    "MATCH (f:Fact) WHERE f.lh_object_uid >= 0 AND f.fact_uid IS NOT NULL "
    "RETURN f.lh_object_uid AS entity, f.fact_uid AS fact ORDER BY entity, fact";
constexpr std::string_view kByRight =
    "MATCH (f:Fact) WHERE f.rh_object_uid >= 0 AND f.fact_uid IS NOT NULL "
    "RETURN f.rh_object_uid AS entity, f.fact_uid AS fact ORDER BY entity, fact";
constexpr std::string_view kSpecializations =
    "MATCH (f:Fact) WHERE f.rel_type_uid IN [1146, 1726] "
    "RETURN f.fact_uid AS fact, f.lh_object_uid, f.rh_object_uid ORDER BY fact";

struct Membership {
  Uid entity = 0;
  Uid fact = 0;
  auto operator<=>(const Membership&) const = default;
};

/// The memberships that one query returns, fetched by a thread of its own ahead of who takes them.
class Memberships {
 public:
  Memberships(Connections& connections, std::string_view cypher)
      : connections_(connections), cypher_(cypher), thread_([this] { run(); }) {}
  ~Memberships() {
    blocks_.close();
    thread_.join();
  }
  Memberships(const Memberships&) = delete;
  Memberships& operator=(const Memberships&) = delete;

  /// The next one, as long as there is one; it stays until `pass`.
  const Membership* peek() {
    if (at_ == block_.size() && !next_block()) return nullptr;
    return &block_[at_];
  }
  void pass() { ++at_; }

 private:
  static constexpr std::size_t kBlock = 4096;

  bool next_block() {
    at_ = 0;
    auto block = blocks_.pop();
    if (!block && failure_) std::rethrow_exception(failure_);
    block_ = block ? std::move(*block) : std::vector<Membership>();
    return !block_.empty();
  }

  void run() noexcept {
    try {
      fetch();
    } catch (...) {
      failure_ = std::current_exception();
    }
    blocks_.close();
  }

  void fetch() {
    const auto lease = connections_.take(AccessMode::read);
    std::vector<Membership> block;
    lease->stream({cypher_},
                  [&](Unpacker& fields) {
                    const Uid entity = fields.integer();
                    block.push_back({entity, fields.integer()});
                    if (block.size() < kBlock) return true;
                    return blocks_.push(std::exchange(block, {}));
                  },
                  {AccessMode::read});
    blocks_.push(std::move(block));
  }

  Connections& connections_;
  std::string_view cypher_;
  BoundedQueue<std::vector<Membership>> blocks_{4};
  std::exception_ptr failure_;  ///< written before the queue is closed, read after
  std::vector<Membership> block_;
  std::size_t at_ = 0;
  std::thread thread_;
};

}  // namespace

std::int64_t read_watermark(Connections& connections) {
  std::int64_t watermark = 0;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    watermark = integer_of(transaction, {"MATCH (s:PrismStore) RETURN s.watermark"});
  });
  return watermark;
}

Neo4jFactReader::Neo4jFactReader(Connections& connections)
    : connections_(connections), watermark_(read_watermark(connections)) {}

void Neo4jFactReader::each_membership(const std::function<void(Uid entity, Uid fact)>& take) {
  {
    Memberships left(connections_, kByLeft);
    Memberships right(connections_, kByRight);
    std::optional<Membership> last;
    for (;;) {
      const Membership* const a = left.peek();
      const Membership* const b = right.peek();
      if (a == nullptr && b == nullptr) break;
      const bool first = b == nullptr || (a != nullptr && *a <= *b);
      const Membership next = first ? *a : *b;
      (first ? left : right).pass();
      // Of a fact between an entity and itself, and of the doubles of old graphs.
      if (last != next) take(next.entity, next.fact);
      last = next;
    }
  }
  require_unchanged();
}

void Neo4jFactReader::each_specialization(
    const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) {
  const auto lease = connections_.take(AccessMode::read);
  lease->run({kSpecializations},
             [&](Unpacker& fields) {
               const Uid fact = fields.integer();
               const Uid subtype = fields.integer();
               take(fact, subtype, fields.integer());
             },
             {AccessMode::read});
  require_unchanged();
}

void Neo4jFactReader::require_unchanged() {
  if (read_watermark(connections_) == watermark_) return;
  throw Error(ErrorCode::locked,
              connections_.address().text() + ": facts were stored while they were read",
              "run it again");
}

}  // namespace prism::neo4j
