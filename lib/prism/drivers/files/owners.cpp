#include <cerrno>
#include <vector>

#include <grp.h>
#include <pwd.h>

#include <prism/drivers/files/owners.hpp>

namespace prism::files {
namespace {

/// What `look(buffer, size, &result)` finds, which is one of the getpwnam_r kind, as `use` makes it
/// of an entry; `none` when there is no such entry.
template <typename Entry, typename Look, typename Use, typename Value>
Value find(const Look& look, const Use& use, Value none) {
  Entry entry{};
  Entry* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  int result = 0;
  while ((result = look(&entry, buffer.data(), buffer.size(), &found)) == ERANGE) {
    buffer.resize(buffer.size() * 2);
  }
  return result == 0 && found != nullptr ? Value(use(*found)) : none;
}

/// The value of the key, made when it is asked for first.
template <typename Map, typename Make>
const typename Map::mapped_type& remembered(Map& known, const typename Map::key_type& key,
                                            const Make& make) {
  const auto at = known.find(key);
  return at != known.end() ? at->second : known.emplace(key, make()).first->second;
}

}  // namespace

const std::string& Owners::user_name(uid_t user) {
  return remembered(user_names_, user, [&] {
    return find<passwd>([&](auto... out) { return ::getpwuid_r(user, out...); },
                        [](const passwd& entry) { return entry.pw_name; }, std::string());
  });
}

const std::string& Owners::group_name(gid_t group) {
  return remembered(group_names_, group, [&] {
    return find<::group>([&](auto... out) { return ::getgrgid_r(group, out...); },
                         [](const ::group& entry) { return entry.gr_name; }, std::string());
  });
}

uid_t Owners::user(const std::string& name, uid_t otherwise) {
  if (name.empty()) return otherwise;
  const std::int64_t found = remembered(users_, name, [&] {
    return find<passwd>([&](auto... out) { return ::getpwnam_r(name.c_str(), out...); },
                        [](const passwd& entry) { return entry.pw_uid; }, kNone);
  });
  return found == kNone ? otherwise : static_cast<uid_t>(found);
}

gid_t Owners::group(const std::string& name, gid_t otherwise) {
  if (name.empty()) return otherwise;
  const std::int64_t found = remembered(groups_, name, [&] {
    return find<::group>([&](auto... out) { return ::getgrnam_r(name.c_str(), out...); },
                         [](const ::group& entry) { return entry.gr_gid; }, kNone);
  });
  return found == kNone ? otherwise : static_cast<gid_t>(found);
}

}  // namespace prism::files
