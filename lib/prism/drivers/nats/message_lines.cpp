#include <array>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/base64.hpp>
#include <prism/drivers/nats/message_lines.hpp>

namespace prism::nats {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "prismctl NATS messages";
constexpr int kVersion = 1;
/// A server takes messages of up to 64 MiB, which are 86 in Base64; few take more than 1 MiB.
constexpr std::size_t kLongestLine = std::size_t{128} << 20;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_data, "the messages of a stream: " + what);
}

std::string bytes_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return {};
  auto bytes = decoded_base64(found->get_ref<const std::string&>());
  if (!bytes) refuse(std::string(key) + " is no Base64");
  return std::move(*bytes);
}

}  // namespace

StoredMessage stored_message(const nlohmann::json& json) {
  StoredMessage message{json.at("seq"), json.at("subject"), bytes_of(json, "hdrs"),
                        bytes_of(json, "data")};
  if (message.subject.empty()) refuse("a message without a subject");
  return message;
}

MessageLines::MessageLines(ByteSource& source, const std::string& stream) : source_(source) {
  try {
    const Json first = line();
    if (first.at("format") != kFormat) refuse("they are of another format");
    if (first.at("version") != kVersion) refuse("a newer prismctl made them");
    if (first.at("stream") != stream) refuse("they are of another stream");
  } catch (const Json::exception& e) {
    refuse(in_quotes(e.what()));
  }
}

std::optional<StoredMessage> MessageLines::next() {
  try {
    const Json json = line();
    if (const auto end = json.find("end"); end != json.end()) {
      if (*end != count_) refuse("there are not as many as the end says");
      if (read_line()) refuse("something lies behind the end");
      return {};
    }
    StoredMessage message = stored_message(json);
    if (message.sequence <= last_) refuse("they are not in order");
    last_ = message.sequence;
    ++count_;
    return message;
  } catch (const Json::exception& e) {
    refuse(in_quotes(e.what()));
  }
}

Json MessageLines::line() {
  if (!read_line()) refuse("the end is missing");
  Json json = Json::parse(line_);
  if (!json.is_object()) refuse("a line that is no object");
  return json;
}

/// False where nothing is left.
bool MessageLines::read_line() {
  line_.clear();
  for (;;) {
    const auto end = buffer_.find('\n', at_);
    line_.append(buffer_, at_, end == std::string::npos ? end : end - at_);
    if (line_.size() > kLongestLine) refuse("a line of more than 128 MiB");
    if (end != std::string::npos) {
      at_ = end + 1;
      return true;
    }
    std::array<char, 64 * 1024> piece{};
    const std::size_t size = source_.read(piece);
    buffer_.assign(piece.data(), size);
    at_ = 0;
    if (size > 0) continue;
    if (!line_.empty()) refuse("the last line is cut");
    return false;
  }
}

std::string first_message_line(const std::string& stream) {
  const nlohmann::ordered_json line{{"format", kFormat}, {"version", kVersion}, {"stream", stream}};
  return line.dump() + "\n";
}

std::string last_message_line(std::uint64_t count) {
  return "{\"end\":" + std::to_string(count) + "}\n";
}

}  // namespace prism::nats
