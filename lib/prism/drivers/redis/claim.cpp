#include <random>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/backoff.hpp>
#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/redis/claim.hpp>
#include <prism/drivers/redis/clients.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/meta.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBeat{1000};
constexpr std::chrono::milliseconds kDead{10'000};

/// `prismctl-4711-host-5f1c…`: no blanks, for it names connections.
std::string make_token() {
  std::random_device random;
  std::string host = host_name();
  for (char& c : host) c = c > ' ' && c < 127 ? c : '-';
  return fmt::format("prismctl-{}-{}-{:08x}{:08x}", ::getpid(), host, random(), random());
}

/// Watches another rebuild's beat.
class Other {
 public:
  /// Whether it still lives, as far as can be told; unknown at first.
  enum class Life { unknown, alive, dead };

  Life look(const std::string& token, const std::string& beat,
            const std::function<Connected()>& connected) {
    const auto now = Clock::now();
    if (token != token_ || beat != beat_) {
      const bool moved = token == token_;
      token_ = token;
      beat_ = beat;
      seen_ = now;
      if (moved) return Life::alive;
      return connected() == Connected::no ? Life::dead : Life::unknown;
    }
    return now - seen_ > kDead ? Life::dead : Life::unknown;
  }

 private:
  std::string token_, beat_;
  Clock::time_point seen_;
};

/// The commands of a transaction on the hash; false: it has changed since WATCH.
bool transact(Connection& server, const std::vector<std::vector<std::string>>& commands) {
  std::string bytes;
  append_command(bytes, {"MULTI"});
  for (const auto& command : commands) append_command(bytes, command);
  append_command(bytes, {"EXEC"});
  server.send(bytes);
  std::string trouble_met;
  for (std::size_t i = 0; i <= commands.size(); ++i) {
    const auto reply = server.receive();
    if (reply->is_error() && trouble_met.empty()) trouble_met = reply->text;
  }
  const auto done = server.receive();
  if (!trouble_met.empty()) throw trouble(trouble_met, server.where());
  if (done->is_error()) throw trouble(done->text, server.where());
  return done->kind == Reply::Kind::list;
}

std::vector<std::string> on_meta(std::string_view command) {
  return {std::string(command), std::string(kMetaKey)};
}

}  // namespace

Claim::Claim(Deployment& servers, std::span<const cache::Family> families,
             std::chrono::milliseconds lock_wait, Log& log, const Cancel& cancel)
    : servers_(servers),
      families_(families.begin(), families.end()),
      lock_wait_(lock_wait),
      log_(log),
      cancel_(cancel),
      token_(make_token()) {
  servers_.on_server_of(kMetaKey, [this](Connection&) { take(); });
  held_ = true;
  keeper_ = std::thread([this] { keep(); });
}

void Claim::take() {
  const auto patient_until = Clock::now() + lock_wait_;
  Other other;
  bool told = false;
  for (;;) {
    Connection& server = servers_.primary(servers_.topology().owner(slot_of(kMetaKey)));
    name_connection(server, token_);
    // After a failover its connections may not have come to the new server yet.
    const auto connected = [&](const std::string& name) {
      return servers_.has_failover() ? Connected::not_told : is_connected(server, name);
    };
    server.call({"WATCH", kMetaKey});
    const auto fields = server.call({"HMGET", kMetaKey, kOwnerField, kBeatField});
    const std::string owner(fields->item_text(0));
    auto life = Other::Life::dead;
    if (!owner.empty()) {
      life = other.look(owner, std::string(fields->item_text(1)), [&] { return connected(owner); });
    }
    if (life == Other::Life::dead) {
      if (!owner.empty()) disconnect(servers_, owner);
      if (try_take()) return;
      continue;
    }
    server.call({"UNWATCH"});
    if (life == Other::Life::alive && Clock::now() >= patient_until) {
      throw Error(
          ErrorCode::locked,
          servers_.address().text() + ": another rebuild of this cache is going on (" + owner + ")",
          "wait for it with --lock-wait SECONDS");
    }
    if (!told) log_.info("another rebuild of this cache may be going on (" + owner + "); waiting");
    told = true;
    Backoff(std::chrono::milliseconds(100), cancel_).pause();
  }
}

bool Claim::try_take() {
  Connection& server = servers_.primary(servers_.topology().owner(slot_of(kMetaKey)));
  std::vector<std::string> set = on_meta("HSET");
  set.insert(set.end(), {std::string(kOwnerField), token_, std::string(kBeatField), "0"});
  const std::string now = format_utc(std::chrono::system_clock::now());
  for (const cache::Family family : families_) {
    set.push_back(unfinished_field(family));
    set.push_back(now);
  }
  return transact(server, {set});
}

Claim::~Claim() {
  stop();
  if (!held_ || lost_) return;
  try {
    Connection& server = servers_.primary(servers_.topology().owner(slot_of(kMetaKey)));
    server.call({"WATCH", kMetaKey});
    const auto owner = server.call({"HGET", kMetaKey, kOwnerField});
    if (owner->text != token_) return;
    std::vector<std::string> remove = on_meta("HDEL");
    remove.insert(remove.end(), {std::string(kOwnerField), std::string(kBeatField)});
    transact(server, {remove});
  } catch (const Error& e) {
    log_.debug(std::string("the cache was not given back: ") + e.what());
  }
}

void Claim::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (keeper_.joinable()) keeper_.join();
}

/// On a thread and connections of its own, so that a long computation doesn't make us look dead.
void Claim::keep() noexcept {
  std::unique_ptr<Deployment> servers;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBeat, [this] { return stopping_; }) && !lost_) {
    lock.unlock();
    try {
      if (!servers) {
        servers = std::make_unique<Deployment>(servers_.address(), servers_.login(),
                                               std::chrono::milliseconds(0), log_, cancel_);
      }
      beat(*servers);
    } catch (const std::exception&) {
      // A server that is down is the writer's to report; here it is asked again.
      servers.reset();
    }
    lock.lock();
  }
}

void Claim::beat(Deployment& servers) {
  const auto owner = servers.call(kMetaKey, {"HGET", kMetaKey, kOwnerField});
  if (owner->text == token_) {
    servers.call(kMetaKey, {"HINCRBY", kMetaKey, kBeatField, "1"});
  } else {
    lost_ = true;
  }
}

void Claim::raise() {
  throw Error(ErrorCode::locked,
              "another rebuild has taken over the cache, or Redis has lost it; this one ends",
              "prismctl status tells how the cache stands");
}

void Claim::check_now() {
  check();
  try {
    Connection server = connect(
        servers_.topology().primaries[servers_.topology().owner(slot_of(kMetaKey))].endpoint,
        servers_.login(), std::chrono::milliseconds(0), log_, cancel_);
    const auto owner = server.call({"HGET", kMetaKey, kOwnerField});
    if (owner->text != token_) lost_ = true;
  } catch (const Error&) {
    return;
  }
  check();
}

void Claim::finish(const cache::Meta& meta) {
  stop();
  check();
  std::vector<std::string> set = on_meta("HSET");
  for (const auto& [field, value] : fields_of(meta)) {
    set.push_back(field);
    set.push_back(value);
  }
  std::vector<std::string> remove = on_meta("HDEL");
  remove.insert(remove.end(), {std::string(kOwnerField), std::string(kBeatField)});
  for (const cache::Family family : families_) remove.push_back(unfinished_field(family));
  servers_.on_server_of(kMetaKey, [&](Connection& server) {
    do {
      server.call({"WATCH", kMetaKey});
      const auto owner = server.call({"HGET", kMetaKey, kOwnerField});
      if (owner->text != token_) raise();
    } while (!transact(server, {set, remove}));
  });
  held_ = false;
}

}  // namespace prism::redis
