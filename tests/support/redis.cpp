#include "support/redis.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "support/services.hpp"

namespace prism::test {
namespace {

config::RedisSettings settings_of_tests() {
  config::RedisSettings settings;
  if (const auto folder = service("PRISM_TEST_TLS_DIR")) settings.ca_file = *folder + "/ca.crt";
  return settings;
}

/// Whoever holds it has a server to himself.
FileDescriptor lock_of(const std::string& variable) {
  const auto file = std::filesystem::temp_directory_path() / ("prism-test-" + variable + ".lock");
  FileDescriptor fd(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0) throw std::runtime_error(file.string());
  return fd;
}

/// Few test cases run at a time, so their numbers differ.
std::string number() { return std::to_string(100 + ::getpid() % 16'000); }

}  // namespace

RedisCli::RedisCli(const std::string& url) {
  const redis::Address address = redis::parse_address(url);
  connection_ = std::make_unique<redis::Connection>(
      address.endpoints.front(), redis::Login(address, settings_of_tests()), cancel_);
}

std::vector<std::string> RedisCli::sorted(redis::Connection::Words words) {
  std::vector<std::string> texts;
  const auto list = connection_->ask(words);
  for (const auto& item : list->items) texts.push_back(item->text);
  std::sort(texts.begin(), texts.end());
  return texts;
}

RedisDatabase::RedisDatabase(const std::string& variable) {
  const std::string base = service(variable).value();
  if (variable == "PRISM_TEST_REDIS_CLUSTER") {
    lock_ = lock_of(variable);
    url_ = base;
    for (const Endpoint& node : redis::parse_address(base).endpoints) {
      flushed_.push_back("redis://" + node.text());
    }
  } else if (variable == "PRISM_TEST_REDIS_SENTINEL") {
    lock_ = lock_of(variable);
    const std::string master = service(variable + "_MASTER").value();
    url_ = "redis+sentinel://" + base + "/" + master + "/3";
    const std::string sentinel = "redis://" + base.substr(0, base.find(','));
    const auto named = RedisCli(sentinel)({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master});
    flushed_ = {"redis://" + named->items[0]->text + ":" + named->items[1]->text + "/3"};
  } else if (variable == "PRISM_TEST_REDIS_SOCKET") {
    url_ = "unix://" + base + "?db=" + number();
    flushed_ = {url_};
  } else if (variable.starts_with("PRISM_TEST_REDIS_ACL") ||
             variable == "PRISM_TEST_REDIS_TLS") {  // with 16 databases
    lock_ = lock_of("PRISM_TEST_REDIS_FEW");
    url_ = base + "/5";
    const bool acl = variable.starts_with("PRISM_TEST_REDIS_ACL");
    flushed_ = {acl ? service("PRISM_TEST_REDIS_ACL").value() + "/5" : url_};
  } else {
    url_ = base + "/" + number();
    flushed_ = {url_};
  }
  empty();
}

RedisDatabase::~RedisDatabase() {
  try {
    empty();
  } catch (const std::exception&) {
    return;  // its server may be down on purpose
  }
}

void RedisDatabase::empty() const {
  for (const std::string& url : flushed_) {
    RedisCli server(url);
    server({"FLUSHDB"});
  }
}

drivers::OpenOptions RedisDatabase::options() const {
  drivers::OpenOptions options{.url = url_, .access = Access::create};
  options.servers.redis = settings_of_tests();
  return options;
}

std::unique_ptr<cache::CacheSink> RedisDatabase::open(bool swap) {
  auto with_swap = options();
  with_swap.swap = swap;
  return drivers::open_cache(with_swap, quiet_.log(), quiet_.cancel());
}

}  // namespace prism::test
