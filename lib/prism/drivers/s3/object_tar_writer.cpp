#include <archive_entry.h>

#include <prism/drivers/s3/object_tar_writer.hpp>

namespace prism::s3 {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

void add(const Entry& entry, const std::string& name, std::string_view value) {
  archive_entry_xattr_add_entry(entry.get(), ("user.s3." + name).c_str(), value.data(),
                                value.size());
}

Entry entry_of(const std::string& key, const std::string& name, ObjectTarWriter::Time modified) {
  constexpr auto kMode = 0644;
  Entry entry(archive_entry_new());
  archive_entry_copy_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kMode);
  archive_entry_set_size(entry.get(), 0);
  archive_entry_set_mtime(entry.get(), std::chrono::system_clock::to_time_t(modified), 0);
  add(entry, "key", key);
  return entry;
}

}  // namespace

void ObjectTarWriter::begin(const TarObject& object, const std::string& name, Time modified) {
  const Entry entry = entry_of(object.key, name, modified);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(object.size));
  for (const auto& [header, value] : object.attributes.headers) add(entry, header, value);
  if (!object.attributes.tags.empty()) add(entry, "tags", object.attributes.tags);
  tar_.begin(entry.get());
}

void ObjectTarWriter::take_back(const std::string& key, const std::string& name, Time modified) {
  const Entry entry = entry_of(key, name, modified);
  add(entry, "taken-back", "1");
  tar_.begin(entry.get());
}

}  // namespace prism::s3
