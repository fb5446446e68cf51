#pragma once

#include <deque>
#include <future>
#include <string>
#include <vector>

#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {

/// An object that is sent in parts, of which two are under way while the next is filled. Used by
/// one thread.
class PRISM_API MultipartUpload {
 public:
  /// Of all parts but the last: S3 takes 5 MiB to 5 GiB, and 10,000 of them.
  static constexpr std::size_t kPartSize = std::size_t{8} << 20;

  /// Begins it. The headers are those of the object.
  MultipartUpload(Client& client, std::string key, const Parameters& headers);
  /// Aborts it unless it was completed.
  ~MultipartUpload();
  MultipartUpload(const MultipartUpload&) = delete;
  MultipartUpload& operator=(const MultipartUpload&) = delete;

  /// Sends the next part. Throws what an earlier one failed with.
  void add(std::string part);

  /// Makes the object of the parts. Throws Error(refused) when there is one already. The headers
  /// are those of `writer`: see objects.hpp.
  void complete_new(const std::string& writer);

  /// Makes the object of the parts, whatever is there. Throws Failure with status 404 where the
  /// upload has ended already: by an earlier try whose answer was lost, or by others.
  void complete();

 private:
  void await_one();
  std::string send_part(std::size_t number, const std::string& part) const;
  void send_completion(const std::string& parts, bool conditional);

  Client& client_;
  std::string key_;
  std::string id_;  ///< empty: it has ended
  std::deque<std::future<std::string>> under_way_;
  std::vector<std::string> etags_;
};

/// It is no error when it has ended.
PRISM_API void abort_upload(Client& client, const std::string& key, const std::string& id);

}  // namespace prism::s3
