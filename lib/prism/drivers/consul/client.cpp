#include <array>

#include <nlohmann/json.hpp>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/consul/client.hpp>

namespace prism::consul {
namespace {

using std::chrono::milliseconds;

constexpr const char* kSnapshot = "/v1/snapshot";
constexpr std::size_t kMostText = std::size_t{1} << 20;

constexpr const char* kRights =
    "snapshots need a token with acl = \"write\": set CONSUL_HTTP_TOKEN, or CONSUL_HTTP_TOKEN_FILE";

const char* hint_of(const Error& error) {
  return error.code() == ErrorCode::permission
             ? "name the certificates to trust with CONSUL_CACERT"
             : "check that the agent runs and that CONSUL_HTTP_ADDR is right";
}

/// How long a server may take to write a snapshot before its first byte, or to restore one: it says
/// nothing meanwhile, however large it is.
milliseconds patience(milliseconds timeout) { return 20 * timeout; }

bool is_about_snapshot(std::string_view words) {
  return words.find("failed to read snapshot") != words.npos ||
         words.find("failed to decompress snapshot") != words.npos ||
         words.find("failed checking integrity") != words.npos;
}

/// What an answer that is no success means.
Error failure_of(const std::string& where, int status, std::string_view body) {
  const std::string_view theirs = trimmed(body);
  const std::string words = where + ": the server " +
                            (theirs.empty() ? "refused" : "said " + in_quotes(theirs)) + " (" +
                            std::to_string(status) + ")";
  if (status == 401 || status == 403) return {ErrorCode::permission, words, kRights};
  if (status == 429 || theirs.find("No cluster leader") != theirs.npos) {
    return {ErrorCode::unavailable, words, "try again later, or wait for it with --wait SECONDS"};
  }
  if (is_about_snapshot(theirs)) return {ErrorCode::bad_data, words};
  if (status >= 500) return {ErrorCode::io, words, "see the server's log"};
  return {ErrorCode::io, words, "does Consul answer there?"};
}

}  // namespace

Client::Client(ClientOptions options, Log& log, const Cancel& cancel)
    : options_(std::move(options)), log_(log), cancel_(cancel) {}

std::unique_ptr<HttpExchange> Client::ask(const std::string& method, const std::string& path,
                                          ByteSource* body, milliseconds answer_timeout) {
  HttpRequest request{method, options_.address.url(path), {}, body};
  const std::string& token = options_.settings.token;
  if (!token.empty()) request.headers.emplace_back("X-Consul-Token", token);
  const HttpOptions options{options_.settings.timeout, answer_timeout, options_.settings.ca_file};
  try {
    return std::make_unique<HttpExchange>(request, options, cancel_);
  } catch (const Error& e) {
    const bool is_ours = e.code() == ErrorCode::unavailable || e.code() == ErrorCode::permission;
    if (!is_ours || !e.hint().empty() || cancel_.requested()) throw;
    throw Error(e.code(), e.what(), hint_of(e));
  }
}

std::unique_ptr<HttpExchange> Client::get(const std::string& path) {
  return ask("GET", path, nullptr, options_.settings.timeout);
}

void Client::require_leader() {
  const auto answer = get("/v1/status/leader");
  const std::string leader(trimmed(answer->text(kMostText)));
  if (answer->status() != 200) {
    throw failure_of(options_.address.text(), answer->status(), leader);
  }
  if (leader.size() > 2) return;
  throw Error(ErrorCode::unavailable, options_.address.text() + ": the servers have no leader",
              "see consul operator raft list-peers; wait for one with --wait SECONDS");
}

void Client::await_leader() {
  Backoff backoff(options_.wait, cancel_);
  bool told = false;
  for (;;) {
    try {
      return require_leader();
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable || !backoff.pause()) throw;
      if (!told) log_.info(std::string(e.what()) + "; waiting for it");
      told = true;
    }
  }
}

std::unique_ptr<HttpExchange> Client::snapshot() {
  auto answer = ask("GET", kSnapshot, nullptr, patience(options_.settings.timeout));
  if (answer->status() == 200) return answer;
  throw failure_of(options_.address.text(), answer->status(), answer->text(kMostText));
}

void Client::restore(ByteSource& snapshot) {
  try {
    const auto answer = ask("PUT", kSnapshot, &snapshot, patience(options_.settings.timeout));
    const std::string words = answer->text(kMostText);
    if (answer->status() != 200) throw failure_of(options_.address.text(), answer->status(), words);
    await_reads();
  } catch (const Error& e) {
    if (e.code() != ErrorCode::unavailable) throw;
    throw Error(e.code(), e.what(),
                "the servers hold all of the old state or all of the new one: the same again "
                "restores it");
  }
}

/// An answer is one too that says that the token is none any more.
void Client::await_reads() {
  constexpr milliseconds kLimit{60'000};
  Backoff backoff(kLimit, cancel_);
  for (;;) {
    try {
      require_leader();
      const auto answer = get("/v1/kv/prismctl");
      if (answer->status() < 500) return;
      throw failure_of(options_.address.text(), answer->status(), answer->text(kMostText));
    } catch (const Error&) {
      if (!backoff.pause()) throw;
    }
  }
}

std::string Client::text_of(const std::string& path) {
  const auto answer = get(path);
  std::string text = answer->text(kMostText);
  if (answer->status() == 200) return text;
  throw failure_of(options_.address.text(), answer->status(), text);
}

std::string Client::version() {
  const auto answer = get("/v1/agent/self");
  if (answer->status() != 200) return {};
  const auto facts = nlohmann::json::parse(answer->text(kMostText), nullptr, false);
  if (!facts.is_object()) return {};
  const auto config = facts.find("Config");
  if (config == facts.end() || !config->is_object()) return {};
  const auto version = config->find("Version");
  return version != config->end() && version->is_string() ? version->get<std::string>() : "";
}

/// The list of them may be long; without any it is `[]`.
bool Client::has_keys() {
  const auto answer = get("/v1/kv/?keys&separator=/");
  if (answer->status() != 200) return false;
  std::array<char, 3> begin{};
  std::size_t size = 0;
  while (size < begin.size()) {
    const std::size_t some = answer->read(std::span(begin).subspan(size));
    if (some == 0) break;
    size += some;
  }
  return size == begin.size();
}

bool Client::has_acls() { return get("/v1/acl/token/self")->status() != 401; }

}  // namespace prism::consul
