#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/sha256.hpp>
#include <prism/drivers/s3/multipart.hpp>
#include <prism/drivers/s3/object_tar.hpp>
#include <prism/drivers/s3/source.hpp>

namespace prism::s3 {

/// Puts a large object back whose bytes come as a stream: holds them against those that are there
/// as long as they are the same, and sends it in parts once they are not. Holds at most three parts
/// and two pieces: 40 MiB, for objects up to 80 GB; parts grow with larger ones, which may have no
/// more than 10,000. Used by one thread.
class PRISM_API LargeRestore {
 public:
  /// `is_there`: there may be such an object. The client must live as long as this.
  LargeRestore(Client& client, std::string key, TarObject object, bool is_there);

  void write(std::string_view bytes);

  /// All came: now the object is what it was, or was so already. Without it nothing changes.
  void complete();

 private:
  void compare_with_what_is_there();
  void take_part();
  bool is_same_there();
  void begin_upload();
  void send_what_was_the_same();
  void require_ours();

  Client& client_;
  std::string key_;
  TarObject object_;
  std::size_t part_size_;
  std::string part_;                   ///< that is being filled
  Sha256 hash_;                        ///< of all
  std::optional<ObjectSource> there_;  ///< what all is still held against
  std::string etag_there_;
  std::uint64_t same_ = 0;  ///< so many bytes were the same
  std::optional<MultipartUpload> upload_;
};

}  // namespace prism::s3
