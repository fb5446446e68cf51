#pragma once

#include <optional>
#include <string>

#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {

/// What the server of the client's bucket calls itself, `MinIO`; nothing where there is no such
/// bucket.
PRISM_API std::optional<std::string> server_of_bucket(Client& client);

/// Makes it, private. It is no error when it is there already and ours. Throws Error(permission)
/// where we may not.
PRISM_API void make_bucket(Client& client);

/// It must be empty.
PRISM_API void remove_bucket(Client& client);

}  // namespace prism::s3
