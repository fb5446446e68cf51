#include <prism/base/task_pool.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/read_ahead.hpp>
#include <prism/drivers/s3/surplus.hpp>

namespace prism::s3 {

std::uint64_t remove_objects(Client& client, const Scope& scope,
                             const std::function<bool(const std::string&)>& is_kept,
                             const Cancel& cancel) {
  std::uint64_t removed = 0;
  TaskPool pool(kRequests);
  each_page(client, scope.prefix(), [&](const std::vector<ListedObject>& page) {
    for (const ListedObject& listed : page) {
      cancel.check();
      const auto name = scope.name_of(listed.key);
      if (!name || !scope.may_be_removed(listed.key) || is_kept(*name)) continue;
      ++removed;
      pool.run([&client, key = listed.key] { remove_object(client, key); });
    }
  });
  pool.finish();
  return removed;
}

}  // namespace prism::s3
