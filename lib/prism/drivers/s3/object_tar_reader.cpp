#include <utility>

#include <archive.h>
#include <archive_entry.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/object_tar_reader.hpp>
#include <prism/drivers/s3/scope.hpp>
#include <prism/drivers/s3/tar_names.hpp>

namespace prism::s3 {
namespace {

constexpr std::size_t kLongestKey = 1024;

[[noreturn]] void refuse(std::string_view name, const std::string& what) {
  throw Error(ErrorCode::bad_data, "tar: " + in_quotes(name) + " " + what);
}

std::string name_of(archive_entry* found) {
  const char* const name = archive_entry_pathname(found);
  return name == nullptr ? std::string() : name;
}

/// Nobody who unpacks it may be led astray.
void require_name(const std::string& name, const std::string& key) {
  const bool own = name == key && is_harmless(key);
  if (!own && name != escaped_name(key)) refuse(name, "is no name for the key " + in_quotes(key));
}

void require_file(archive_entry* found, const std::string& name) {
  const bool is_file =
      archive_entry_filetype(found) == AE_IFREG && archive_entry_hardlink(found) == nullptr;
  if (!is_file) refuse(name, "is no plain file");
  if (archive_entry_size(found) < 0) refuse(name, "has no size");
}

}  // namespace

void ObjectTarReader::take_attribute(Entry& entry, std::string_view name, std::string_view value) {
  constexpr std::string_view kOurs = "user.s3.";
  if (!name.starts_with(kOurs)) refuse(name, "is no attribute of an object");
  const std::string ours = config::percent_decoded(name.substr(kOurs.size()));
  if (ours == "key") {
    entry.object.key = value;
  } else if (ours == "tags") {
    entry.object.attributes.tags = value;
  } else if (ours == "taken-back") {
    entry.takes_back = true;
  } else {
    entry.object.attributes.headers[ours] = value;
  }
}

ObjectTarReader::Entry ObjectTarReader::entry_of(archive_entry* found) {
  const std::string name = name_of(found);
  require_file(found, name);
  Entry entry;
  entry.object.size = static_cast<std::uint64_t>(archive_entry_size(found));
  archive_entry_xattr_reset(found);
  const char* attribute = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  bool has_key = false;
  while (archive_entry_xattr_next(found, &attribute, &value, &size) == ARCHIVE_OK) {
    has_key = has_key || std::string_view(attribute) == "user.s3.key";
    take_attribute(entry, attribute, {static_cast<const char*>(value), size});
  }
  if (!has_key) refuse(name, "does not tell its key");
  const std::string& key = entry.object.key;
  if (key == kRestoreRecord || key == kScratchMark) refuse(name, "is no object of a target");
  if (key.size() > kLongestKey) refuse(name, "has a key of more than 1,024 bytes");
  require_name(name, key);
  require_valid(entry.object.attributes, key);
  return entry;
}

std::optional<ObjectTarReader::Entry> ObjectTarReader::read() {
  archive_entry* const found = tar_.next();
  if (found == nullptr) return std::nullopt;
  return entry_of(found);
}

std::optional<TarObject> ObjectTarReader::next() {
  std::optional<Entry> entry = is_ahead_ ? std::exchange(ahead_, std::nullopt) : read();
  is_ahead_ = false;
  if (!entry) return std::nullopt;
  if (entry->takes_back) refuse(entry->object.key, "takes back what is not there");
  key_ = entry->object.key;
  return std::move(entry->object);
}

bool ObjectTarReader::is_taken_back() {
  while (!tar_.content().empty()) continue;
  ahead_ = read();
  is_ahead_ = true;
  if (!ahead_ || !ahead_->takes_back) return false;
  if (ahead_->object.key != key_) refuse(ahead_->object.key, "takes back another object");
  if (ahead_->object.size != 0)
    refuse(ahead_->object.key, "takes something back, and is not empty");
  is_ahead_ = false;
  ahead_.reset();
  return true;
}

}  // namespace prism::s3
