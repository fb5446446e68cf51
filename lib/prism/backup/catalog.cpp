#include <algorithm>
#include <array>
#include <map>
#include <random>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/backup/catalog.hpp>
#include <prism/backup/repository_lock.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/read_all.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

using repository::Object;
using repository::Repository;
using Clock = std::chrono::system_clock;
using Json = nlohmann::ordered_json;

/// A manifest of 10,000 targets has 10 MB.
constexpr std::size_t kManifestLimit = std::size_t{64} << 20;

/// Nothing where it is gone.
std::optional<std::string> text_of(Repository& repository, const std::string& name) {
  try {
    return read_all(*repository.open(name), kManifestLimit, name);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing || e.code() == ErrorCode::bad_data) return {};
    throw;
  }
}

void put(Repository& repository, const std::string& name, const std::string& text) {
  const auto sink = repository.create(name);
  sink->write(text);
  sink->finish();
}

void read_manifest(Repository& repository, Backup& backup) {
  const std::string name = object_name(backup.id, kManifest);
  const std::string where = repository.location() + "/" + name;
  try {
    backup.manifest =
        parse_manifest(read_all(*repository.open(name), kManifestLimit, where), where);
    if (backup.manifest->id != backup.id) {
      throw Error(ErrorCode::bad_data, where + ": it is of the backup " + backup.manifest->id);
    }
    backup.state = backup.manifest->is_complete() ? State::complete : State::incomplete;
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing) return;  // removed meanwhile
    if (e.code() != ErrorCode::bad_data) throw;
    backup.manifest.reset();
    backup.state = State::damaged;
    backup.trouble = e.what();
  }
}

/// By id; what has none is somebody else's.
std::map<std::string, std::vector<Object>> objects_by_id(Repository& repository) {
  std::map<std::string, std::vector<Object>> all;
  // Blocks and WAL, of which there may be very many, are not listed.
  for (const char* first_digit_of_year : {"1", "2"}) {
    for (Object& object : repository.list(first_digit_of_year)) {
      const std::string id = object.name.substr(0, object.name.find('/'));
      if (time_of_id(id)) all[id].push_back(std::move(object));
    }
  }
  return all;
}

Backup backup_of(Repository& repository, const std::string& id,
                 const std::vector<Object>& objects) {
  Backup backup;
  backup.id = id;
  backup.time = *time_of_id(id);
  const auto is_there = [&](const char* name) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const Object& object) { return object.name == object_name(id, name); });
  };
  for (const Object& object : objects) backup.stored_bytes += object.size;
  backup.pinned = is_there(kPin);
  backup.being_removed = is_there(kRemoving);
  if (is_there(kManifest)) read_manifest(repository, backup);
  if (backup.manifest) {
    for (const TargetRecord& target : backup.manifest->targets) {
      if (target.content.physical) backup.stored_bytes += target.content.physical->stored_bytes;
    }
  }
  if (backup.state == State::partial && is_there(kBegun)) {
    backup.begun = parse_begun(text_of(repository, object_name(id, kBegun)).value_or(""));
  }
  return backup;
}

void find_those_under_way(Repository& repository, std::vector<Backup>& backups) {
  const auto is_begun = [](const Backup& backup) { return backup.begun.has_value(); };
  if (std::none_of(backups.begin(), backups.end(), is_begun)) return;
  const auto owners = live_owners(repository);
  for (Backup& backup : backups) {
    backup.under_way =
        backup.begun && std::any_of(owners.begin(), owners.end(), [&](const RunOwner& owner) {
          return owner.is_same_run(backup.begun->owner);
        });
  }
}

/// Whether a run that lives has said that it removes this one.
bool is_being_removed(Repository& repository, const std::string& id) {
  const auto text = text_of(repository, object_name(id, kRemoving));
  if (!text) return false;
  const auto owners = live_owners(repository);
  const auto remover = parse_run_owner(*text);
  return std::any_of(owners.begin(), owners.end(), [&](const RunOwner& owner) {
    return !remover || owner.is_same_run(*remover);
  });
}

[[noreturn]] void fail_without(const Repository& repository, const std::string& id) {
  const std::string what = id == "latest" ? "no complete backup" : "no backup " + in_quotes(id);
  throw Error(ErrorCode::input_missing, repository.location() + ": there is " + what,
              "prismctl backup list shows which there are");
}

}  // namespace

std::string_view state_name(State state) {
  constexpr std::array<std::string_view, 4> kNames{"complete", "incomplete", "partial", "damaged"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string make_id(Clock::time_point time) {
  std::random_device random;
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{:04x}", fmt::gmtime(Clock::to_time_t(time)),
                     random() & 0xFFFFU);
}

std::optional<Clock::time_point> time_of_id(std::string_view id) {
  constexpr std::size_t kTime = 16, kSize = 21;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (id.size() != kSize || id[kTime] != '-') return {};
  if (!std::all_of(id.begin() + kTime + 1, id.end(), is_digit)) return {};
  return parse_utc(fmt::format("{}-{}-{}T{}:{}:{}Z", id.substr(0, 4), id.substr(4, 2),
                               id.substr(6, 2), id.substr(9, 2), id.substr(11, 2),
                               id.substr(13, 2)));
}

std::string object_name(const std::string& id, const std::string& object) {
  return id + "/" + object;
}

std::string to_json_text(const Begun& begun) {
  const Json json{{"owner", Json::parse(to_json_text(begun.owner))},
                  {"started", begun.started},
                  {"targets", begun.targets},
                  {"before_restore_of", begun.before_restore_of}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Begun> parse_begun(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    const auto owner = parse_run_owner(json.at("owner").dump());
    if (!owner) return {};
    return Begun{*owner, json.at("started"), json.at("targets").get<std::vector<std::string>>(),
                 json.at("before_restore_of")};
  } catch (const Json::exception&) {
    return {};
  }
}

bool Backup::is_safety_copy() const {
  if (manifest) return !manifest->before_restore_of.empty();
  return begun && !begun->before_restore_of.empty();
}

bool Backup::is_physical() const { return manifest && manifest->is_physical(); }

bool Backup::has_failed() const {
  if (state == State::partial) return !under_way && !being_removed;
  return state != State::complete;
}

std::string newest_id(Repository& repository) {
  const auto all = objects_by_id(repository);
  return all.empty() ? "" : all.rbegin()->first;
}

std::vector<Backup> list_backups(Repository& repository) {
  std::vector<Backup> backups;
  for (const auto& [id, objects] : objects_by_id(repository)) {
    backups.push_back(backup_of(repository, id, objects));
  }
  find_those_under_way(repository, backups);
  return backups;
}

std::optional<std::string> warning_of_future(const std::string& newest, Clock::time_point now) {
  constexpr std::chrono::minutes kClocksDiffer{10};
  const auto time = time_of_id(newest);
  if (!time || *time < now + kClocksDiffer) return {};
  return fmt::format(
      "backup {} is from the future: the clock was ahead when it was made, or is behind now; until "
      "then the ids and ages of all that follow it are wrong as well",
      newest);
}

Backup find_backup(Repository& repository, const std::string& id, const Wanted& is_wanted) {
  std::vector<Backup> found = list_backups(repository);
  std::erase_if(found, [&](const Backup& backup) {
    if (id != "latest") return !backup.id.starts_with(id);
    return backup.state != State::complete || backup.is_safety_copy() ||
           (is_wanted && !is_wanted(backup));
  });
  if (id.empty() || found.empty()) fail_without(repository, id);
  if (id == "latest" || found.size() == 1) return found.back();
  throw Error(ErrorCode::usage, fmt::format("{} is not enough of an id: {} and {} begin so",
                                            in_quotes(id), found[0].id, found[1].id));
}

void pin(Repository& repository, const std::string& id) {
  const Backup backup = find_backup(repository, id);
  if (!backup.pinned) put(repository, object_name(backup.id, kPin), "");
  const auto objects = repository.list(backup.id + "/");
  const bool has_manifest = std::any_of(objects.begin(), objects.end(), [&](const Object& object) {
    return object.name == object_name(backup.id, kManifest);
  });
  const bool is_gone = backup.state != State::partial && !has_manifest;
  if (!is_gone && !is_being_removed(repository, backup.id)) return;
  repository.remove(object_name(backup.id, kPin));
  throw Error(ErrorCode::locked, fmt::format("backup {} is being removed", backup.id),
              "prismctl backup list shows whether it is still there");
}

void unpin(Repository& repository, const std::string& id) {
  repository.remove(object_name(find_backup(repository, id).id, kPin));
}

bool remove_backup(Repository& repository, const std::string& id) {
  const std::string mark = object_name(id, kRemoving), pin = object_name(id, kPin);
  repository.remove(mark);  // of a removal that was cut off
  put(repository, mark, to_json_text(this_run("removal")));
  const auto objects = repository.list(id + "/");
  if (std::any_of(objects.begin(), objects.end(),
                  [&](const Object& object) { return object.name == pin; })) {
    repository.remove(mark);
    return false;
  }
  repository.remove(object_name(id, kManifest));
  for (const Object& object : objects) {
    if (object.name != mark) repository.remove(object.name);
  }
  repository.remove(mark);
  return true;
}

}  // namespace prism::backup
