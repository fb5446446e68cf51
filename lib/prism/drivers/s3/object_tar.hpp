#pragma once

#include <cstdint>
#include <string>

#include <prism/drivers/s3/attributes.hpp>

namespace prism::s3 {

// A pax archive (POSIX.1-2001) of objects, each of which is one plain file. `tar -x` puts those
// whose keys can be names of files under these names, the others below `.s3-keys/` (see
// tar_names.hpp); never outside of its folder. What a file's name can't say stands in extended
// attributes
// (`SCHILY.xattr.NAME`, as GNU tar, star and libarchive write and read them; `tar --xattrs -x` sets
// them):
//
//   user.s3.key         the key, byte by byte, below the prefix of the target; every file has it
//   user.s3.HEADER      the value of a header: content-type, cache-control, content-disposition,
//                       content-encoding, content-language, expires, x-amz-meta-…; where they are
//   user.s3.tags        the tags, NAME=VALUE&…, percent-encoded; where there are some
//   user.s3.taken-back  in an empty file that follows one of the same name: this object was
//   replaced
//                       or removed while it was read, and what was written of it is void
//
// The time of a file is that of the object's last change, which no restore can set. `%` and `=` in
// a header's name are `%25` and `%3D`, which is how libarchive writes names of attributes.

struct TarObject {
  std::string key;
  std::uint64_t size = 0;  ///< bytes
  Attributes attributes;
};

}  // namespace prism::s3
