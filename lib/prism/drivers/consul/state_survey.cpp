#include <prism/base/error.hpp>
#include <prism/drivers/consul/msgpack_input.hpp>
#include <prism/drivers/consul/state_survey.hpp>

namespace prism::consul {
namespace {

using Kind = MsgpackHead::Kind;

/// Of names and identifiers; what is longer is none that is looked for.
constexpr std::size_t kLongestName = 1024;

enum Type : std::uint8_t {
  kRegistration = 0,
  kKv = 2,
  kCaProviderState = 14,
  kToken = 17,
  kPolicy = 19,
  kPeeringSecrets = 40,
};

/// What is counted by its type alone.
const char* plain_name(std::uint8_t type) {
  switch (type) {
    case 7:
      return "prepared queries";
    case 12:
      return "intentions";
    case 22:
      return "config entries";
    case 23:
      return "roles";
    case 25:
      return "binding rules";
    case 27:
      return "auth methods";
    case 35:
      return "peerings";
    default:
      return nullptr;
  }
}

class Surveyor {
 public:
  Surveyor(ByteSource& state, const SurveyOptions& options, const Cancel& cancel)
      : input_(state), options_(options), cancel_(cancel) {}

  Survey read() {
    const MsgpackHead header = input_.head();
    if (header.kind != Kind::map) {
      throw Error(ErrorCode::bad_data, "Consul snapshot: state.bin has no header");
    }
    input_.skip(header);
    while (const auto type = input_.next_byte()) {
      cancel_.check();
      if (*type != kRegistration) end_node();
      read_record(*type);
    }
    end_node();
    if (options_.digest) survey_.digest = digest_.hex();
    return std::move(survey_);
  }

 private:
  void read_record(std::uint8_t type) {
    switch (type) {
      case kRegistration:
        return read_registration();
      case kKv:
        return read_kv();
      case kToken:
        return read_token();
      case kPolicy:
        return read_policy();
      default:
        if (const char* const name = plain_name(type)) count(name);
        if (type == kCaProviderState || type == kPeeringSecrets) survey_.has_secrets = true;
        input_.skip_value();
    }
  }

  void count(const std::string& name, std::uint64_t number = 1) {
    if (number > 0) survey_.counts[name] += number;
  }

  /// Calls `take(name)` for each field; it reads the value.
  template <typename Take>
  void read_fields(const Take& take) {
    const MsgpackHead head = input_.head();
    if (head.kind != Kind::map) {
      throw Error(ErrorCode::bad_data, "Consul snapshot: state.bin: a record has no fields");
    }
    for (std::uint64_t i = 0; i < head.size; ++i) take(input_.text(kLongestName));
  }

  void read_kv() {
    count("kv entries");
    if (!options_.digest) return input_.skip_value();
    std::uint64_t flags = 0;
    read_fields([&](const std::string& field) {
      if (field == "Key" || field == "Value") {
        digest_text(field);
      } else if (field == "Flags") {
        flags = input_.number();
      } else {
        input_.skip_value();
      }
    });
    digest_.add("f" + std::to_string(flags) + ";");
  }

  void digest_text(const std::string& field) {
    const MsgpackHead head = input_.head();
    if (head.kind != Kind::text) return input_.skip(head);
    if (head.size == 0) return;
    digest_.add(field + std::to_string(head.size) + ":");
    input_.pieces(head.size, [this](std::string_view piece) { digest_.add(piece); });
  }

  /// The anonymous one is always there.
  void read_token() {
    std::string accessor;
    std::string secret;
    read_fields([&](const std::string& field) {
      if (field == "AccessorID") {
        accessor = input_.text(kLongestName);
      } else if (field == "SecretID") {
        secret = input_.text(kLongestName);
      } else {
        input_.skip_value();
      }
    });
    if (accessor == "00000000-0000-0000-0000-000000000002") return;
    count("tokens");
    survey_.has_secrets = true;
    if (!options_.token.empty() && secret == options_.token) survey_.has_token = true;
  }

  /// Those whose numbers are small are the server's own.
  void read_policy() {
    std::string id;
    read_fields([&](const std::string& field) {
      if (field == "ID") {
        id = input_.text(kLongestName);
      } else {
        input_.skip_value();
      }
    });
    if (!id.starts_with("00000000-0000-0000-0000-0000000000")) count("policies");
  }

  /// A node comes first, then its services and its checks. Where an agent runs there is the check
  /// `serfHealth`, and it registers what it has by itself.
  void read_registration() {
    std::string node;
    std::string peer;
    bool is_service = false;
    bool has_agent = false;
    read_fields([&](const std::string& field) {
      if (field == "Node") {
        node = input_.text(kLongestName);
      } else if (field == "PeerName") {
        peer = input_.text(kLongestName);
      } else if (field == "Service") {
        const MsgpackHead service = input_.head();
        is_service = service.kind != Kind::nil;
        input_.skip(service);
      } else if (field == "Check") {
        has_agent = is_check_of_agent();
      } else {
        input_.skip_value();
      }
    });
    if (node != node_ || peer != peer_) end_node();
    node_ = node;
    peer_ = peer;
    in_node_ = true;
    services_ += is_service ? 1 : 0;
    has_agent_ = has_agent_ || has_agent;
  }

  bool is_check_of_agent() {
    const MsgpackHead check = input_.head();
    if (check.kind != Kind::map) {
      input_.skip(check);
      return false;
    }
    bool found = false;
    for (std::uint64_t i = 0; i < check.size; ++i) {
      if (input_.text(kLongestName) == "CheckID") {
        found = input_.text(kLongestName) == "serfHealth";
      } else {
        input_.skip_value();
      }
    }
    return found;
  }

  void end_node() {
    if (in_node_ && !has_agent_ && peer_.empty()) {
      count("external nodes");
      count("external services", services_);
    }
    in_node_ = false;
    has_agent_ = false;
    services_ = 0;
  }

  MsgpackInput input_;
  const SurveyOptions& options_;
  const Cancel& cancel_;
  Survey survey_;
  Sha256 digest_;
  std::string node_;
  std::string peer_;
  bool in_node_ = false;
  bool has_agent_ = false;
  std::uint64_t services_ = 0;
};

}  // namespace

Survey survey_state(ByteSource& state, const SurveyOptions& options, const Cancel& cancel) {
  return Surveyor(state, options, cancel).read();
}

}  // namespace prism::consul
