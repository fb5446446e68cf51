#pragma once

#include <string>

namespace prism::neo4j {

/// 32 random hexadecimal digits: nobody else's load has that name.
std::string random_name();

}  // namespace prism::neo4j
