#pragma once

#include <cstddef>
#include <string>

#include <prism/base/export.hpp>

namespace prism {

/// That many letters and digits from the kernel's generator, each as likely as any other: a
/// password that needs no quotes anywhere. 24 of them are 142 bits.
PRISM_API std::string random_password(std::size_t length);

/// A random UUID (RFC 9562, version 4), such as `0f0b8ec2-7f3d-4c25-9a1e-5f0d7c1a2b3c`.
PRISM_API std::string random_uuid();

}  // namespace prism
