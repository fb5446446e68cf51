#include <array>
#include <csignal>
#include <fstream>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <prism/backup/repository_lock.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/host.hpp>

namespace prism::backup {
namespace {

using Clock = std::chrono::system_clock;
using repository::Repository;

constexpr const char* kFolder = "locks/";
constexpr std::chrono::seconds kRenewal{60};
constexpr std::chrono::seconds kLife{300};  ///< some renewals may fail, or clocks differ a little

struct Owner {
  std::string purpose;
  std::string host;
  std::int64_t process = 0;
  std::string begun;  ///< of that process: its number may be another's by now
  Clock::time_point until;

  std::string text() const { return fmt::format("{}, process {} on {}", purpose, process, host); }
};

/// Field 22 of /proc/PID/stat (proc(5)), in ticks since the machine was started; empty: no such
/// process.
std::string begin_of(std::int64_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string stat;
  std::getline(file, stat, '\0');
  auto at = stat.rfind(") ");
  for (int field = 2; field < 21 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return {};
  return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

std::optional<Owner> read_owner(Repository& repository, const std::string& name) {
  std::array<char, 4096> block{};
  std::string text;
  try {
    const auto source = repository.open(name);
    while (const std::size_t size = source->read(block)) {
      text.append(block.data(), size);
      if (text.size() > block.size()) return {};
    }
    const auto json = nlohmann::json::parse(text);
    const auto until = parse_utc(json.at("until").get<std::string>());
    if (!until) return {};
    return Owner{json.at("purpose"), json.at("host"), json.at("process"), json.at("begun"), *until};
  } catch (const nlohmann::json::exception&) {
    return {};
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing) return {};  // given back meanwhile
    throw;
  }
}

bool is_dead(const Owner& owner) {
  if (owner.host == host_name()) return begin_of(owner.process) != owner.begun;
  return owner.until < Clock::now();
}

/// Part of the name of a lock's object: `<id>.<renewal>`.
std::string id_of(const std::string& object) {
  const std::string name = object.substr(std::string_view(kFolder).size());
  return name.substr(0, name.find('.'));
}

}  // namespace

RepositoryLock::RepositoryLock(Repository& repository, std::string_view purpose,
                               std::chrono::seconds wait, Context& context)
    : repository_(repository), purpose_(purpose), log_(context.log) {
  constexpr std::chrono::milliseconds kPause{200};
  const auto end = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const std::string other = try_take();
    if (other.empty()) break;
    context.cancel.check();
    if (std::chrono::steady_clock::now() >= end) {
      throw Error(ErrorCode::locked,
                  fmt::format("{}: held by another run ({})", repository.location(), other),
                  "wait for it with --lock-wait SECONDS");
    }
    std::this_thread::sleep_for(kPause);
  }
  keeper_ = std::thread([this] { keep(); });
}

/// The owner of another lock, or nothing: then this one is taken. Of two that come at once, both
/// see each other and neither takes it.
std::string RepositoryLock::try_take() {
  id_ = random_id();
  object_ = write_object();
  for (const auto& object : repository_.list(kFolder)) {
    if (id_of(object.name) == id_) continue;
    const auto owner = read_owner(repository_, object.name);
    if (owner && is_dead(*owner)) {
      repository_.remove(object.name);
    } else if (owner) {
      repository_.remove(object_);
      return owner->text();
    }
  }
  return {};
}

std::string RepositoryLock::write_object() {
  const nlohmann::json json{{"purpose", purpose_},
                            {"host", host_name()},
                            {"process", ::getpid()},
                            {"begun", begin_of(::getpid())},
                            {"until", format_utc(Clock::now() + kLife)}};
  const std::string name = fmt::format("{}{}.{}", kFolder, id_, renewals_++);
  const auto sink = repository_.create(name);
  sink->write(json.dump());
  sink->finish();
  return name;
}

void RepositoryLock::keep() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kRenewal, [this] { return end_; })) {
    try {
      const std::string before = std::exchange(object_, write_object());
      repository_.remove(before);
    } catch (const std::exception& e) {
      log_.warning(std::string("the lock of the repository could not be renewed: ") + e.what());
    }
  }
}

RepositoryLock::~RepositoryLock() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_one();
  if (keeper_.joinable()) keeper_.join();
  try {
    repository_.remove(object_);
  } catch (const std::exception& e) {
    log_.warning(std::string("the lock of the repository could not be removed: ") + e.what());
  }
}

}  // namespace prism::backup
