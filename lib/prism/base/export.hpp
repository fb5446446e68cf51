#pragma once

/// Marks what libprism offers; everything else in the library is hidden.
#define PRISM_API __attribute__((visibility("default")))
