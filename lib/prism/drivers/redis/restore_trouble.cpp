#include <prism/drivers/redis/restore_trouble.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {

Error restore_trouble(std::string_view reply, const std::string& where) {
  if (reply.starts_with("OOM")) {
    return {ErrorCode::io, where + ": has no memory left (OOM, maxmemory is reached)",
            "raise maxmemory, or free memory there"};
  }
  if (reply.starts_with("MOVED") || reply.starts_with("ASK")) {
    return {ErrorCode::unavailable, where + ": a slot lies on another node now (MOVED)",
            "wait until slots no longer move"};
  }
  if (reply.starts_with("ERR Bad data format")) {
    return {ErrorCode::bad_data, where + ": does not take a value of the backup",
            "its log may say why"};
  }
  return trouble(reply, where);
}

}  // namespace prism::redis
