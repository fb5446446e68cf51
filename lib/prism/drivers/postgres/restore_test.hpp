#pragma once

#include <memory>
#include <string>

#include <prism/backup/scratch_target.hpp>
#include <prism/drivers/postgres/component.hpp>

namespace prism::postgres {

/// A database of its own, `prismctl_test_<hex>`, on the server of `options.url`; it is dropped at
/// the end, and what a run that died has left of such by the next. What was restored into it is
/// dumped again, and the rows of each table are held against those of the stored archive, whatever
/// their order.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_target(ComponentOptions options,
                                                                     Log& log,
                                                                     const Cancel& cancel);

/// The same URL with another database.
PRISM_API std::string with_database(const std::string& url, const std::string& database);

}  // namespace prism::postgres
