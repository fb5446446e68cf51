#pragma once

#include <memory>
#include <string>

#include <prism/backup/scratch_target.hpp>
#include <prism/drivers/s3/component.hpp>

namespace prism::s3 {

/// The place that `options.url` names, which must hold nothing: a bucket that is not there is made,
/// and removed again; else only what was restored is. `target` is the URL of the one that is
/// tested, or empty. Throws Error(configuration) without a URL, and where it meets the target or
/// the repository.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_bucket(ComponentOptions options,
                                                                     const std::string& target,
                                                                     Log& log,
                                                                     const Cancel& cancel);

}  // namespace prism::s3
