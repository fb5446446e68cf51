#include <algorithm>
#include <vector>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/nats/connection.hpp>
#include <prism/drivers/nats/trouble.hpp>

namespace prism::nats {
namespace {

using Milliseconds = Connection::Milliseconds;
using OwnedOptions = std::unique_ptr<natsOptions, Destroyer<natsOptions_Destroy>>;

/// Of what came in and is not taken yet, in bytes: more is dropped, which is noticed. The server
/// holds back where 8 MiB are unanswered, if not for good.
constexpr int kMostPending = 96 << 20;

/// No limit is one that nobody lives to see.
Milliseconds limit_of(const config::NatsSettings& settings) {
  return settings.timeout.count() == 0 ? Milliseconds(std::chrono::hours(24 * 365))
                                       : settings.timeout;
}

/// What the library takes of our settings.
class Options {
 public:
  Options() {
    natsOptions* made = nullptr;
    set(natsOptions_Create(&made));
    options_.reset(made);
  }

  natsOptions* get() const { return options_.get(); }

  void set(natsStatus status) const {
    if (status == NATS_OK) return;
    throw Error(ErrorCode::configuration,
                std::string("the connection to NATS: ") + natsStatus_GetText(status));
  }

  void set_servers(const Address& address) const {
    std::vector<std::string> urls;
    for (const Endpoint& one : address.endpoints) urls.push_back("nats://" + one.text());
    std::vector<const char*> pointers;
    for (const std::string& url : urls) pointers.push_back(url.c_str());
    set(natsOptions_SetServers(get(), pointers.data(), static_cast<int>(pointers.size())));
    set(natsOptions_SetNoRandomize(get(), true));
  }

  void set_login(const Address& address, const config::NatsSettings& settings) const {
    const bool named = !address.user.empty() || !address.token.empty();
    const std::string& user = named ? address.user : settings.user;
    const std::string& password = named ? address.password : settings.password;
    const std::string& token = named ? address.token : settings.token;
    if (!settings.credentials_file.empty() && !named) {
      text_of(settings.credentials_file);
      set(natsOptions_SetUserCredentialsFromFiles(get(), settings.credentials_file.c_str(),
                                                  nullptr));
    } else if (!token.empty()) {
      set(natsOptions_SetToken(get(), token.c_str()));
    } else if (!user.empty()) {
      set(natsOptions_SetUserInfo(get(), user.c_str(), password.c_str()));
    }
  }

  void set_tls(const Address& address, const config::NatsSettings& settings) const {
    if (!address.tls) return;
    set(natsOptions_SetSecure(get(), true));
    if (settings.ca_file.empty()) return;
    set(natsOptions_SetCATrustedCertificates(get(), text_of(settings.ca_file).c_str()));
  }

 private:
  /// Throws, with the system's own words, for a file that can't be read.
  static std::string text_of(const std::filesystem::path& file) {
    constexpr std::size_t kLimit = std::size_t{4} << 20;
    return read_file(file, kLimit);
  }

  OwnedOptions options_;
};

natsConnection* connected(const Address& address, const config::NatsSettings& settings,
                          const std::string& where) {
  const Options options;
  options.set_servers(address);
  options.set_login(address, settings);
  options.set_tls(address, settings);
  const auto limit = std::min<std::int64_t>(limit_of(settings).count(), 60'000);
  options.set(natsOptions_SetTimeout(options.get(), limit));
  options.set(natsOptions_SetName(options.get(), "prismctl"));
  // A stream of chunks can't go on behind another connection.
  options.set(natsOptions_SetAllowReconnect(options.get(), false));
  options.set(natsOptions_SetPingInterval(options.get(), std::max<std::int64_t>(limit, 1000)));
  options.set(natsOptions_SetWriteDeadline(options.get(), 2 * limit));
  natsConnection* made = nullptr;
  const natsStatus status = natsConnection_Connect(&made, options.get());
  if (status != NATS_OK) throw connect_trouble(status, where);
  return made;
}

}  // namespace

std::string_view Message::data() const {
  return {natsMsg_GetData(message_.get()),
          static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
}

std::string_view Message::reply() const {
  const char* const reply = natsMsg_GetReply(message_.get());
  return reply == nullptr ? std::string_view() : std::string_view(reply);
}

std::string_view Message::header(const char* name) const {
  const char* value = nullptr;
  return natsMsgHeader_Get(message_.get(), name, &value) == NATS_OK && value != nullptr
             ? std::string_view(value)
             : std::string_view();
}

Connection::Connection(const Address& address, const config::NatsSettings& settings,
                       const Cancel& cancel)
    : where_(address.text()),
      timeout_(limit_of(settings)),
      cancel_(cancel),
      connection_(connected(address, settings, where_)),
      inbox_(new_inbox()),
      answers_(subscribe(inbox_ + ".*")) {}

Connection::~Connection() = default;

void Connection::require(natsStatus status, const std::string& doing) const {
  if (status == NATS_OK) return;
  const char* text = nullptr;
  natsConnection_GetLastError(connection_.get(), &text);
  throw trouble(status, text == nullptr ? "" : text, where_, doing);
}

std::string Connection::new_inbox() {
  natsInbox* inbox = nullptr;
  if (natsInbox_Create(&inbox) != NATS_OK) throw std::bad_alloc();
  std::string text = inbox;
  natsInbox_Destroy(inbox);
  return text;
}

Subscription Connection::subscribe(const std::string& subject) {
  natsSubscription* made = nullptr;
  require(natsConnection_SubscribeSync(&made, connection_.get(), subject.c_str()), subject);
  Subscription subscription(made);
  require(natsSubscription_SetPendingLimits(made, -1, kMostPending), subject);
  return subscription;
}

Message Connection::next(const Subscription& subscription, Milliseconds limit) {
  constexpr Milliseconds kSlice{50};
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    cancel_.check();
    natsMsg* message = nullptr;
    const natsStatus status =
        natsSubscription_NextMsg(&message, subscription.get(), kSlice.count());
    if (status == NATS_OK) return Message(message);
    // What we may not do is not answered: the server says so beside it.
    const char* words = nullptr;
    require(natsConnection_GetLastError(connection_.get(), &words) == NATS_NOT_PERMITTED
                ? NATS_NOT_PERMITTED
                : NATS_OK,
            "waiting for an answer");
    const bool over = std::chrono::steady_clock::now() >= end;
    if (status != NATS_TIMEOUT || over || natsConnection_IsClosed(connection_.get())) {
      require(status, "waiting for an answer");
    }
  }
}

Message Connection::request(const std::string& subject, std::string_view body, Milliseconds limit) {
  const std::string reply = inbox_ + "." + std::to_string(++requests_);
  publish(subject, reply, body);
  return answer_to(reply, limit);
}

Message Connection::answer_to(const std::string& reply, Milliseconds limit) {
  for (;;) {
    Message message = next(answers_, limit);
    if (message.subject() == reply) return message;
  }
}

Message Connection::request(const std::string& subject, const Headers& headers,
                            std::string_view body) {
  const std::string reply = inbox_ + "." + std::to_string(++requests_);
  const std::string doing = "publishing to " + subject;
  natsMsg* made = nullptr;
  require(natsMsg_Create(&made, subject.c_str(), reply.c_str(), body.data(),
                         static_cast<int>(body.size())),
          doing);
  const std::unique_ptr<natsMsg, Destroyer<natsMsg_Destroy>> message(made);
  for (const auto& [name, value] : headers) {
    require(natsMsgHeader_Add(made, name.c_str(), value.c_str()), doing);
  }
  require(natsConnection_PublishMsg(connection_.get(), made), doing);
  try {
    return answer_to(reply, timeout_);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::configuration) throw;
    throw Error(ErrorCode::refused, where_ + ": no stream takes what is published to " + subject);
  }
}

void Connection::publish(const std::string& subject, const std::string& reply,
                         std::string_view body) {
  const int size = static_cast<int>(body.size());
  const natsStatus status =
      reply.empty() ? natsConnection_Publish(connection_.get(), subject.c_str(), body.data(), size)
                    : natsConnection_PublishRequest(connection_.get(), subject.c_str(),
                                                    reply.c_str(), body.data(), size);
  require(status, "publishing to " + subject);
}

std::size_t Connection::max_payload() const {
  return static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_.get()));
}

std::unique_ptr<Connection> connect(const Address& address, const config::NatsSettings& settings,
                                    std::chrono::milliseconds wait, Log& log,
                                    const Cancel& cancel) {
  Backoff backoff(wait, cancel);
  bool told = false;
  for (;;) {
    try {
      return std::make_unique<Connection>(address, settings, cancel);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable || !backoff.pause()) throw;
      if (!told) log.info(std::string(e.what()) + "; waiting for it");
      told = true;
    }
  }
}

}  // namespace prism::nats
