#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/drivers/consul/component.hpp>
#include <prism/drivers/consul/scratch.hpp>

#include "contract/component.hpp"
#include "support/consul.hpp"
#include "support/memory_artifacts.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

using test::ConsulServer;
using test::MemoryArtifacts;
using test::PrivateServer;

/// A server of its own: a restore replaces all that it holds.
class ConsulTarget : public contract::ComponentFixture {
 public:
  ConsulTarget() : ConsulTarget("consul", "PRISM_TEST_CONSUL", "") {}

  std::unique_ptr<backup::Component> open() override { return server_.target(quiet_); }
  std::string state() override { return server_.state(); }

  void change() override {
    server_.put("/v1/kv/binary", "other");
    server_.put("/v1/kv/empty?flags=7");
    server_.ask("DELETE", "/v1/kv/many/?recurse");
    server_.put("/v1/kv/newer", "1");
    server_.put("/v1/config", R"({"Kind":"service-defaults","Name":"api","Protocol":"grpc"})");
  }

  /// As it was when it was new.
  void remove() override { open()->restore(empty_); }

 protected:
  ConsulTarget(const std::string& service, const std::string& variable,
               const std::string& token_variable)
      : own_(service),
        server_(own_.value(variable), token_variable.empty() ? "" : own_.value(token_variable)) {
    open()->dump(empty_);
    test::fill_consul(server_);
  }

  const ConsulServer& server() const { return server_; }

 private:
  PrivateServer own_;
  ConsulServer server_;
  MemoryArtifacts empty_;
  test::Quiet quiet_;
};

class ConsulAclTarget : public ConsulTarget {
 public:
  ConsulAclTarget()
      : ConsulTarget("consul-acl", "PRISM_TEST_CONSUL_ACL", "PRISM_TEST_CONSUL_ACL_TOKEN") {
    test::fill_consul_acl(server());
  }

  void change() override {
    ConsulTarget::change();
    server().put("/v1/acl/token", R"({"Description":"newer"})");
    server().put("/v1/acl/policy", R"({"Name":"newer"})");
  }
};

template <typename Target>
void check(const char* variable, void (*check)(contract::ComponentFixture&)) {
  if (!test::has_service(variable)) return;
  Target fixture;
  check(fixture);
}

/// Unlike a file, a server that holds nothing is there: it is dumped, and restored as empty.
void check_empty(contract::ComponentFixture& fixture) {
  const auto before = fixture.state();
  fixture.remove();
  const auto empty = fixture.state();
  MemoryArtifacts artifacts;
  const auto counts = fixture.open()->dump(artifacts).counts;
  CHECK(fixture.open()->check(artifacts).counts == counts);
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::counted).has_value());
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::glance).has_value());
  fixture.change();
  CHECK(fixture.state() != empty);
  CHECK(fixture.open()->restore(artifacts).counts == counts);
  CHECK(fixture.state() == empty);
  CHECK(before != empty);
}

/// What is there after a restore is counted like what was there before.
void check_counts_restored(contract::ComponentFixture& fixture) {
  MemoryArtifacts artifacts;
  const auto dumped = fixture.open()->dump(artifacts).counts;
  CHECK(dumped.at("kv entries") == 55);
  CHECK(dumped.at("config entries") == 1);
  CHECK(dumped.at("external nodes") == 1);
  CHECK(dumped.at("external services") == 1);
  CHECK(dumped.at("prepared queries") == 1);
  fixture.remove();
  fixture.open()->restore(artifacts);
  const auto present = fixture.open()->present(prism::backup::Look::counted);
  REQUIRE(present.has_value());
  CHECK(present->counts == dumped);
}

}  // namespace

// Not check_missing_target: a server that is empty is no missing one, see check_empty. Not
// check_restore_of_what_is_damaged: a server with damaged data does not start.
#define PRISM_CONSUL_CASES(CASE)                                                              \
  CASE(contract::check_dump_and_restore, "dump, change, restore: all is as it was")           \
  CASE(contract::check_restore_of_what_is_gone, "what is gone comes back")                    \
  CASE(contract::check_counts, "target, dump, artifacts and restore are counted alike")       \
  CASE(contract::check_damaged_artifacts, "damaged artifacts are refused and change nothing") \
  CASE(check_counts_restored, "what was restored is counted as it was dumped")                \
  CASE(check_empty, "an empty server is a target")

#define CASE(name, words)                                                                          \
  TEST_CASE("contract: consul target: " words) { check<ConsulTarget>("PRISM_TEST_CONSUL", name); } \
  TEST_CASE("contract: consul with ACLs target: " words) {                                         \
    check<ConsulAclTarget>("PRISM_TEST_CONSUL_ACL", name);                                         \
  }
PRISM_CONSUL_CASES(CASE)
#undef CASE

TEST_CASE("contract: consul: over TLS, by those who know the certificate alone") {
  if (!test::has_service("PRISM_TEST_CONSUL_TLS")) return;
  const ConsulServer server(test::service("PRISM_TEST_CONSUL_TLS").value());
  test::Quiet quiet;
  auto options = server.options();
  const auto dump = [&] {
    MemoryArtifacts artifacts;
    return consul::open_component({options}, quiet.log(), quiet.cancel())->dump(artifacts);
  };
  const auto stranger = test::thrown_by(dump);
  CHECK(stranger.code == ErrorCode::permission);
  CHECK(stranger.hint.find("CONSUL_CACERT") != std::string::npos);
  options.settings.ca_file = test::service("PRISM_TEST_TLS_DIR").value() + "/ca.crt";
  CHECK(dump().version == "1.21.0");
}

TEST_CASE("contract: consul: a scratch server is compared, and is as it was afterwards") {
  if (!test::has_service("PRISM_TEST_CONSUL")) return;
  const PrivateServer own("consul");
  const PrivateServer other("consul");
  const ConsulServer server(own.value("PRISM_TEST_CONSUL"));
  const ConsulServer scratch(other.value("PRISM_TEST_CONSUL"));
  test::Quiet quiet;
  test::fill_consul(server);
  MemoryArtifacts artifacts;
  const auto dumped = server.target(quiet)->dump(artifacts);
  const std::string empty = scratch.state();
  {
    const auto target = consul::make_scratch_target(scratch.options(), quiet.log(), quiet.cancel());
    target->component().restore(artifacts);
    CHECK(scratch.state() == server.state());
    const auto same = target->examine(artifacts);
    CHECK(same.counts == dumped.counts);
    REQUIRE(same.checks.size() == 1);
    CHECK(same.checks[0].is_good());
    scratch.put("/v1/kv/binary", "other");
    CHECK_FALSE(target->examine(artifacts).checks[0].is_good());
  }
  CHECK(scratch.state() == empty);
  scratch.put("/v1/kv/precious", "data");
  const std::string precious = scratch.state();
  const auto refused = test::thrown_by(
      [&] { consul::make_scratch_target(scratch.options(), quiet.log(), quiet.cancel()); });
  CHECK(refused.code == ErrorCode::configuration);
  CHECK(refused.says("1 kv entries"));
  CHECK(scratch.state() == precious);
}

}  // namespace prism
