#include <prism/base/error.hpp>
#include <prism/drivers/consul/checked_body.hpp>
#include <prism/drivers/consul/snapshot.hpp>

namespace prism::consul {
namespace {

constexpr std::size_t kPiece = std::size_t{256} * 1024;
constexpr std::size_t kMostWaiting = 8;

/// Thrown where no more of the snapshot comes: what was read of it is no damage.
struct CutShort {};

/// What comes through a queue, to its end.
class Queued : public ByteSource {
 public:
  /// `ended` is looked at once the queue is closed.
  Queued(BoundedQueue<std::string>& pieces, const bool& ended) : pieces_(pieces), ended_(ended) {}

  std::size_t read(std::span<char> into) override {
    while (at_ == piece_.size()) {
      auto piece = pieces_.pop();
      if (!piece && !ended_) throw CutShort();
      if (!piece) return 0;
      piece_ = std::move(*piece);
      at_ = 0;
    }
    const std::size_t size = piece_.copy(into.data(), into.size(), at_);
    at_ += size;
    return size;
  }

 private:
  BoundedQueue<std::string>& pieces_;
  const bool& ended_;
  std::string piece_;
  std::size_t at_ = 0;
};

}  // namespace

CheckedBody::CheckedBody(ByteSource& snapshot, SurveyOptions options, const Cancel& cancel,
                         std::function<void(const Survey&)> approve)
    : snapshot_(snapshot),
      approve_(std::move(approve)),
      pieces_(kMostWaiting),
      checker_([this, options = std::move(options), &cancel] { check(options, cancel); }) {}

CheckedBody::~CheckedBody() {
  pieces_.close();
  if (checker_.joinable()) checker_.join();
}

void CheckedBody::check(const SurveyOptions& options, const Cancel& cancel) {
  try {
    Queued snapshot(pieces_, ended_);
    survey_ = read_snapshot(snapshot, options, cancel);
  } catch (const CutShort&) {
  } catch (...) {
    refusal_ = std::current_exception();
  }
  // Who would go on giving is told so.
  pieces_.close();
}

std::size_t CheckedBody::read(std::span<char> into) {
  while (given_ == now_.size() && !(ended_ && next_.empty())) advance();
  const std::size_t size = now_.copy(into.data(), into.size(), given_);
  given_ += size;
  return size;
}

void CheckedBody::advance() {
  std::string piece(ended_ ? 0 : kPiece, '\0');
  piece.resize(ended_ ? 0 : snapshot_.read(piece));
  if (piece.empty() && !ended_) conclude();
  if (!piece.empty() && !pieces_.push(piece)) conclude();
  now_ = std::exchange(next_, std::move(piece));
  given_ = 0;
}

/// The checker has come to its end, or will now that nothing more comes.
void CheckedBody::conclude() {
  ended_ = true;
  require_good_so_far();
  approve_(survey_);
  approved_ = true;
}

void CheckedBody::require_good_so_far() {
  pieces_.close();
  if (checker_.joinable()) checker_.join();
  if (refusal_) std::rethrow_exception(refusal_);
}

const Survey& CheckedBody::survey() const {
  if (approved_) return survey_;
  throw Error(ErrorCode::io, "Consul: the server took a snapshot that it had no end of",
              "does Consul answer there?");
}

}  // namespace prism::consul
