#include <utility>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/multipart.hpp>
#include <prism/drivers/s3/objects.hpp>

namespace prism::s3 {
namespace {

constexpr std::size_t kUnderWay = 2;
constexpr int kMissing = 404;
constexpr int kFailedCondition = 412;
constexpr int kNotImplemented = 501;

/// What a server calls a part is put into XML.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return out;
}

std::string list_of_parts(const std::vector<std::string>& etags) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                       escaped(etags[i]));
  }
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace

MultipartUpload::MultipartUpload(Client& client, std::string key, const Parameters& headers)
    : client_(client), key_(std::move(key)) {
  id_ = read_upload_id(
      client_.send({.method = "POST", .key = key_, .query = {{"uploads", ""}}, .headers = headers})
          .body);
}

MultipartUpload::~MultipartUpload() {
  // A part that comes behind the end of the upload would stay.
  for (auto& part : under_way_) part.wait();
  if (id_.empty()) return;
  try {
    abort_upload(client_, key_, id_);
  } catch (const std::exception&) {
    // It is a leftover, which is removed later.
  }
}

void MultipartUpload::add(std::string part) {
  while (under_way_.size() >= kUnderWay) await_one();
  const std::size_t number = etags_.size() + under_way_.size() + 1;
  under_way_.push_back(std::async(std::launch::async, [this, number, part = std::move(part)] {
    return send_part(number, part);
  }));
}

void MultipartUpload::await_one() {
  auto part = std::move(under_way_.front());
  under_way_.pop_front();
  etags_.push_back(part.get());
}

std::string MultipartUpload::send_part(std::size_t number, const std::string& part) const {
  const Answer answer =
      client_.send({.method = "PUT",
                    .key = key_,
                    .query = {{"partNumber", std::to_string(number)}, {"uploadId", id_}},
                    .body = part});
  return answer.header("etag");
}

/// Servers that don't know the condition are asked before; what comes between is lost there.
void MultipartUpload::complete_new(const std::string& writer) {
  while (!under_way_.empty()) await_one();
  if (head(client_, key_)) {
    throw Error(ErrorCode::refused,
                "s3://" + client_.address().bucket + "/" + key_ + ": is there already");
  }
  const std::string parts = list_of_parts(etags_);
  try {
    send_completion(parts, true);
  } catch (const Failure& failure) {
    const bool taken = failure.status() == kFailedCondition || failure.status() == kMissing;
    if (failure.status() == kNotImplemented) {
      send_completion(parts, false);
    } else if (!taken || !is_written_by(client_, key_, writer)) {
      throw;
    }
  }
  id_.clear();
}

void MultipartUpload::complete() {
  while (!under_way_.empty()) await_one();
  send_completion(list_of_parts(etags_), false);
  id_.clear();
}

void MultipartUpload::send_completion(const std::string& parts, bool conditional) {
  Request request{.method = "POST", .key = key_, .query = {{"uploadId", id_}}, .body = parts};
  if (conditional) request.headers = {{"If-None-Match", "*"}};
  client_.send(request);
}

void abort_upload(Client& client, const std::string& key, const std::string& id) {
  try {
    client.send({.method = "DELETE", .key = key, .query = {{"uploadId", id}}, .cleans_up = true});
  } catch (const Failure& failure) {
    if (failure.status() != kMissing) throw;
  }
}

}  // namespace prism::s3
