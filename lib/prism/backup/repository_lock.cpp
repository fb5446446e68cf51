#include <algorithm>
#include <csignal>
#include <ctime>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/backup/repository_lock.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/read_all.hpp>

namespace prism::backup {
namespace {

using Clock = std::chrono::system_clock;
using Json = nlohmann::ordered_json;
using repository::Object;
using repository::Repository;
using std::chrono::milliseconds;

constexpr const char* kFolder = "locks/";
constexpr std::string_view kCandidate = ".0";
constexpr const char* kNotRenewed = "it could not be renewed in time";
constexpr const char* kRemoved =
    "somebody has removed it: this run stood still for minutes, or a host's clock is wrong";
/// Of one that can't be read, counted from when it was written.
constexpr std::chrono::seconds kLife{300};

/// An object of another run.
struct Found {
  RunOwner owner;
  Clock::time_point until;
  bool is_candidate = false;

  bool is_dead() const { return until < Clock::now() || owner.has_ended(); }
};

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// Runs that met shall not meet again.
void pause(milliseconds shortest, milliseconds longest) {
  std::random_device random;
  std::uniform_int_distribution<milliseconds::rep> between(shortest.count(), longest.count());
  std::this_thread::sleep_for(milliseconds(between(random)));
}

/// Since the machine was started, sleep included, whatever is done to the clock on the wall.
std::chrono::nanoseconds boot_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Nothing: it is gone.
std::optional<std::string> text_of(Repository& repository, const std::string& name) {
  constexpr std::size_t kMost = 4096;
  try {
    return read_at_most(*repository.open(name), kMost);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing) return {};
    throw;
  }
}

/// One that makes no sense is one all the same, for a while.
Found found_in(const std::string& text, const Object& object) {
  Found found{{"a lock that can't be read, " + object.name, "a host that it doesn't tell"},
              object.modified + kLife,
              object.name.ends_with(kCandidate)};
  try {
    if (const auto owner = parse_run_owner(text)) found.owner = *owner;
    const auto until = parse_utc(Json::parse(text).at("until").get<std::string>());
    if (until) found.until = *until;
  } catch (const Json::exception&) {
    return found;
  }
  return found;
}

/// Part of the name of a lock's object: `<id>.<number>`.
std::string id_of(const std::string& object) {
  const std::string name = object.substr(std::string_view(kFolder).size());
  return name.substr(0, name.find('.'));
}

struct Others {
  std::string owner;  ///< words on one that holds the lock; empty: nobody does
  std::string first;  ///< words on a candidate that comes before us; empty: none does
  std::string later;  ///< words on one that comes after us
  std::string candidate() const { return first.empty() ? later : first; }
};

/// All that are not `own`. One that is gone when it is looked at may be there under its next name,
/// so that all are looked at again. What is left of the dead is removed.
class Look {
 public:
  Look(Repository& repository, std::string own) : repository_(repository), own_(std::move(own)) {}

  Others others() {
    constexpr int kMost = 100;
    for (int tries = 0; tries < kMost; ++tries) {
      if (look()) return others_;
    }
    return {"runs that come and go", "", ""};
  }

 private:
  bool look() {
    others_ = {};
    bool settled = true;
    for (const Object& object : repository_.list(kFolder)) {
      if (id_of(object.name) != own_ && !take(object)) settled = false;
    }
    return settled || !others_.owner.empty();
  }

  bool take(const Object& object) {
    const auto text = text_of(repository_, object.name);
    if (!text) return false;
    const Found found = found_in(*text, object);
    if (found.is_dead()) {
      repository_.remove(object.name);
      return false;
    }
    const std::string words = found.owner.text();
    if (!found.is_candidate)
      others_.owner = words;
    else if (id_of(object.name) < own_)
      others_.first = words;
    else
      others_.later = words;
    return true;
  }

  Repository& repository_;
  std::string own_;
  Others others_;
};

Error held_by(const Repository& repository, const std::string& other) {
  return {ErrorCode::locked,
          fmt::format("{}: held by another run ({})", repository.location(), other),
          "wait for it with --lock-wait SECONDS"};
}

Error lost(const Repository& repository, const std::string& why) {
  return {ErrorCode::locked,
          repository.location() + ": the lock was lost, so that this run was ended: " + why,
          "another run may be at work there; once there is none, start this one again"};
}

}  // namespace

RepositoryLock::RepositoryLock(Repository& repository, std::string_view purpose,
                               std::chrono::seconds wait, Context& context, LockTimes times)
    : repository_(repository),
      owner_(this_run(purpose)),
      context_(context),
      times_(times),
      cancel_(&context.cancel),
      id_(random_id()) {
  const auto end = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const std::string other = try_take();
    if (other.empty()) break;
    context.cancel.check();
    if (std::chrono::steady_clock::now() >= end) throw held_by(repository, other);
    pause(milliseconds(100), milliseconds(300));
  }
  keeper_ = std::thread([this] { keep(); });
}

/// The owner of the lock, or nothing: then it is ours.
std::string RepositoryLock::try_take() {
  const auto end = std::chrono::steady_clock::now() + times_.contention;
  try {
    for (;;) {
      const Others others = Look(repository_, id_).others();
      if (!others.owner.empty()) return withdraw(others.owner);
      if (others.candidate().empty()) {
        if (!objects_.empty()) break;
        write_object();
        continue;
      }
      if (std::chrono::steady_clock::now() >= end) return withdraw(others.candidate());
      if (!others.first.empty()) withdraw("");
      context_.cancel.check();
      pause(milliseconds(10), milliseconds(60));
    }
    write_object();
    // Somebody whose clock is far ahead may have taken the candidate for dead.
    const std::string other = Look(repository_, id_).others().owner;
    return other.empty() ? other : withdraw(other);
  } catch (...) {
    withdraw("");
    throw;
  }
}

/// Removes what there is of ours; returns its argument.
std::string RepositoryLock::withdraw(std::string why) {
  while (!objects_.empty()) {
    try {
      repository_.remove(objects_.front());
    } catch (const std::exception& e) {
      context_.log.warning(std::string("the lock of the repository could not be removed: ") +
                           e.what());
    }
    objects_.pop_front();
  }
  number_ = 0;
  return why;
}

void RepositoryLock::write_object() {
  Json json = Json::parse(to_json_text(owner_));
  const auto life = std::chrono::duration_cast<Clock::duration>(times_.life);
  json["until"] = format_utc(Clock::now() + life);
  const auto valid_until = boot_clock() + times_.life;
  const std::string name = fmt::format("{}{}.{}", kFolder, id_, number_++);
  const auto sink = repository_.create(name);
  sink->write(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  sink->finish();
  objects_.push_back(name);
  valid_until_ = valid_until;
  cancel_.limit_time(std::chrono::ceil<std::chrono::seconds>(times_.life));
}

// ---- while it is held ---------------------------------------------------------------------------

void RepositoryLock::keep() {
  const milliseconds tick = std::min<milliseconds>(times_.renewal, std::chrono::seconds(1));
  std::unique_lock lock(mutex_);
  auto due = boot_clock() + times_.renewal;
  while (lost_.empty() && !ended_.wait_for(lock, tick, [this] { return end_; })) {
    if (boot_clock() > valid_until_) lose(kNotRenewed);
    if (boot_clock() < due || !lost_.empty()) continue;
    due = boot_clock() + times_.renewal;
    try {
      renew();
    } catch (const std::exception& e) {
      context_.log.warning(std::string("the lock of the repository could not be renewed: ") +
                           e.what());
    }
  }
}

void RepositoryLock::renew() {
  const auto objects = repository_.list(kFolder);
  const bool is_there = std::any_of(objects.begin(), objects.end(), [this](const Object& object) {
    return object.name == objects_.back();
  });
  if (!is_there) return lose(kRemoved);
  write_object();
  while (objects_.size() > 2) {
    repository_.remove(objects_.front());
    objects_.pop_front();
  }
}

void RepositoryLock::lose(const std::string& why) {
  lost_ = why;
  context_.log.error("the lock of the repository is lost: " + why);
  cancel_.request(SIGTERM);
  for (Cancel* const part : parts_) part->request(SIGTERM);
}

void RepositoryLock::cancels(Cancel& part) {
  const std::lock_guard lock(mutex_);
  parts_.push_back(&part);
  if (!lost_.empty()) part.request(SIGTERM);
}

void RepositoryLock::guard(const std::function<void(Context&)>& work) {
  Context context{context_.log, cancel_, context_.progress};
  try {
    work(context);
    context.cancel.check();
  } catch (const Error&) {
    const std::lock_guard lock(mutex_);
    if (lost_.empty() && boot_clock() <= valid_until_) throw;
    throw lost(repository_, lost_.empty() ? kNotRenewed : lost_);
  }
}

void RepositoryLock::require_held() const {
  if (repository_.list(kFolder + id_ + ".").empty()) throw lost(repository_, kRemoved);
}

RepositoryLock::~RepositoryLock() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
    parts_.clear();
  }
  ended_.notify_one();
  if (keeper_.joinable()) keeper_.join();
  withdraw("");
}

// ---- who holds it -------------------------------------------------------------------------------

std::vector<RunOwner> live_owners(Repository& repository) {
  std::vector<RunOwner> owners;
  for (const Object& object : repository.list(kFolder)) {
    const auto text = text_of(repository, object.name);
    if (!text) continue;
    const Found found = found_in(*text, object);
    if (!found.is_dead()) owners.push_back(found.owner);
  }
  return owners;
}

}  // namespace prism::backup
