#pragma once

#include <exception>
#include <functional>
#include <string>
#include <thread>

#include <prism/base/cancel.hpp>
#include <prism/base/queue.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/consul/state_survey.hpp>

namespace prism::consul {

/// A snapshot that is sent while it is checked by a thread of its own. The last piece is given only
/// once all of it was found good: without it a server takes nothing of it. Used by one thread.
class PRISM_API CheckedBody : public ByteSource {
 public:
  /// `approve` is called with what was found, before the last piece is given. All must outlive
  /// this.
  CheckedBody(ByteSource& snapshot, SurveyOptions options, const Cancel& cancel,
              std::function<void(const Survey&)> approve);
  ~CheckedBody() override;
  CheckedBody(const CheckedBody&) = delete;
  CheckedBody& operator=(const CheckedBody&) = delete;

  /// Throws what the snapshot does, and Error(bad_data) for what is wrong with it.
  std::size_t read(std::span<char> into) override;

  /// Ends the check where the snapshot was given so far, such as when the server went away: it may
  /// have seen first what is wrong. Throws what the check found wrong until there.
  void require_good_so_far();

  /// Of the whole. Throws Error(io) where it was not read to its end.
  const Survey& survey() const;

 private:
  void check(const SurveyOptions& options, const Cancel& cancel);
  void advance();
  void conclude();

  ByteSource& snapshot_;
  std::function<void(const Survey&)> approve_;
  BoundedQueue<std::string> pieces_;
  std::string now_;   ///< is given
  std::string next_;  ///< is kept back
  std::size_t given_ = 0;
  bool ended_ = false;
  bool approved_ = false;
  Survey survey_;
  std::exception_ptr refusal_;
  std::thread checker_;
};

}  // namespace prism::consul
