#include <algorithm>
#include <array>
#include <charconv>

#include <prism/base/error.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/value_writer.hpp>

namespace prism::redis {
namespace {

/// A payload is one string, which a server takes up to proto-max-bulk-len (512 MB).
constexpr std::size_t kMostRestored = 24'000'000;
/// Members of one SADD or RPUSH.
constexpr std::size_t kTogether = 1000;

std::size_t digits_of(Uid uid) {
  std::size_t digits = 1;
  for (; uid >= 10; uid /= 10) ++digits;
  return digits;
}

void append_uid(std::string& out, Uid uid) {
  append_header(out, '$', digits_of(uid));
  char number[24];
  char* end = std::to_chars(number, number + sizeof number - 2, uid).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(number, static_cast<std::size_t>(end - number));
}

}  // namespace

std::size_t ValueWriter::append(std::string& out, cache::Family family, std::string_view key,
                                std::span<const Uid> members) {
  const bool list = family == cache::Family::lineage;
  if (!list && !std::is_sorted(members.begin(), members.end(), std::less_equal<>())) {
    throw Error(ErrorCode::internal, std::string(key) + ": its members do not ascend");
  }
  if (!restore_ || members.size() > kMostRestored) {
    return append_transaction(out, list, key, members);
  }
  append_restore(out, list, key, members);
  return 1;
}

void ValueWriter::append_restore(std::string& out, bool list, std::string_view key,
                                 std::span<const Uid> members) {
  out.append("*5\r\n$7\r\nRESTORE\r\n");
  append_word(out, key);
  out.append("$1\r\n0\r\n");
  append_header(out, '$', list ? payload_.plan_list(members) : PayloadWriter::set_size(members));
  if (list) {
    payload_.append_list(out, members);
  } else {
    PayloadWriter::append_set(out, members);
  }
  out.append("\r\n$7\r\nREPLACE\r\n");
}

std::size_t ValueWriter::append_transaction(std::string& out, bool list, std::string_view key,
                                            std::span<const Uid> members) {
  std::size_t replies = 3;
  append_command(out, {"MULTI"});
  append_command(out, {"UNLINK", key});
  while (!members.empty()) {
    const auto part = members.first(std::min(kTogether, members.size()));
    append_header(out, '*', 2 + part.size());
    append_word(out, list ? "RPUSH" : "SADD");
    append_word(out, key);
    for (const Uid member : part) append_uid(out, member);
    members = members.subspan(part.size());
    ++replies;
  }
  append_command(out, {"EXEC"});
  return replies;
}

}  // namespace prism::redis
