#include <algorithm>
#include <array>

#include <prism/base/text.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/failure.hpp>

namespace prism::s3 {
namespace {

using enum ErrorCode;

struct Meaning {
  ErrorCode code;
  std::string_view words;  ///< empty: the server's
  std::string_view hint = {};
  bool passes = false;
};

struct Known {
  std::string_view s3_code;
  Meaning meaning;
};

constexpr std::string_view kKeys =
    "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or MINIO_ROOT_USER and MINIO_ROOT_PASSWORD";
constexpr std::string_view kRights =
    "the access key needs the rights s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, "
    "s3:AbortMultipartUpload, s3:ListBucketMultipartUploads and s3:ListMultipartUploadParts; for a "
    "bucket that is backed up s3:GetObjectTagging and s3:PutObjectTagging, too";
constexpr std::string_view kRegion = "set AWS_REGION, or put ?region=NAME behind the URL";
constexpr std::string_view kToken =
    "get new temporary keys; AWS_SESSION_TOKEN must belong to the access key";
constexpr std::string_view kArrival = "what arrived there is not what was sent";

constexpr std::array kKnown{
    Known{"AccessDenied", {permission, "access is denied", kRights}},
    Known{"AllAccessDisabled", {permission, "access is disabled", kRights}},
    Known{"InvalidAccessKeyId", {permission, "the server does not know the access key", kKeys}},
    Known{"SignatureDoesNotMatch",
          {permission, "the secret key does not belong to the access key", kKeys}},
    Known{"ExpiredToken", {permission, "the session token has expired", kToken}},
    Known{"InvalidToken", {permission, "the session token is not accepted", kToken}},
    Known{"RequestTimeTooSkewed",
          {configuration, "the clock of this machine and the server's differ too much",
           "set the clock, for example by NTP"}},
    Known{"NoSuchBucket",
          {configuration, "there is no such bucket",
           "create it, or correct the URL, s3://BUCKET/PREFIX"}},
    Known{"InvalidBucketName", {configuration, "the server takes no bucket of that name"}},
    Known{"AuthorizationHeaderMalformed", {configuration, "the region is another one", kRegion}},
    Known{"PermanentRedirect", {configuration, "the bucket is in another region", kRegion}},
    Known{"TemporaryRedirect", {configuration, "the bucket is in another region", kRegion}},
    Known{"NoSuchKey", {input_missing, "no such object"}},
    Known{"NoSuchUpload", {io, "the upload is gone", "was it taken for a leftover?"}},
    Known{"PreconditionFailed", {refused, "is there already"}},
    Known{"NotImplemented", {configuration, ""}},
    Known{"XMinioStorageFull", {io, "the server has no space left", "free some there"}},
    Known{"InvalidObjectState",
          {io, "the object is archived", "restore it from the archive, then try again"}},
    Known{"SlowDown", {unavailable, "the server is busy", "", true}},
    Known{"SlowDownRead", {unavailable, "the server is busy", "", true}},
    Known{"SlowDownWrite", {unavailable, "the server is busy", "", true}},
    Known{"RequestTimeout", {unavailable, "the server waited too long for us", "", true}},
    Known{"XMinioServerNotInitialized", {unavailable, "the server is still starting", "", true}},
    Known{"ConditionalRequestConflict", {unavailable, "another writes it now", "", true}},
    Known{"OperationAborted", {unavailable, "another writes it now", "", true}},
    Known{"XAmzContentSHA256Mismatch", {io, kArrival, "", true}},
    Known{"BadDigest", {io, kArrival, "", true}},
    Known{"IncompleteBody", {io, kArrival, "", true}},
};

/// For an answer without a code, such as that of HEAD, or with one that isn't known.
Meaning meaning_of_status(int status) {
  switch (status) {
    case 301:
    case 307:
    case 308:
      return {configuration, "the bucket is in another region", kRegion};
    case 401:
    case 403:
      return {permission, "", kKeys};
    case 404:
      return {input_missing, "no such object"};
    case 412:
      return {refused, "is there already"};
    case 501:
      return {configuration, ""};
    case 408:
    case 429:
      return {unavailable, "the server is busy", "", true};
    default:
      return status >= 500 ? Meaning{unavailable, "", "see the server's log", true}
                           : Meaning{io, ""};
  }
}

Meaning meaning_of(const std::string& s3_code, int status) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const Known& known) { return known.s3_code == s3_code; });
  return found == kKnown.end() ? meaning_of_status(status) : found->meaning;
}

/// The region that the server names when it is not the one that was asked.
std::string region_in(const Answer& answer, const ErrorAnswer& error) {
  const std::string region = answer.header("x-amz-bucket-region");
  return region.empty() ? error.region : region;
}

std::string hint_of(const Meaning& meaning, const Answer& answer, const ErrorAnswer& error) {
  const std::string region = region_in(answer, error);
  if (meaning.hint != kRegion || region.empty()) return std::string(meaning.hint);
  return "the server names the region " + in_quotes(region) + ": " + std::string(kRegion);
}

std::string words_of(const Meaning& meaning, const ErrorAnswer& error, int status) {
  const std::string_view theirs = trimmed(error.message);
  std::string words = !meaning.words.empty() ? std::string(meaning.words)
                      : theirs.empty()       ? "the server refused"
                                             : "the server said " + in_quotes(theirs);
  const std::string number = std::to_string(status);
  return words + " (" + (error.code.empty() ? number : number + " " + error.code) + ")";
}

}  // namespace

Failure::Failure(ErrorCode code, const std::string& message, const std::string& hint, bool passes,
                 int status, std::string s3_code)
    : Error(code, message, hint), status_(status), s3_code_(std::move(s3_code)), passes_(passes) {}

Failure::~Failure() = default;

Failure failure_of(const Answer& answer, const std::string& where) {
  const ErrorAnswer error = read_error(answer.body);
  const Meaning meaning = meaning_of(error.code, answer.status);
  return {meaning.code,
          where + ": " + words_of(meaning, error, answer.status),
          hint_of(meaning, answer, error),
          meaning.passes,
          answer.status,
          error.code};
}

Failure connection_failure(const std::string& server, std::string_view words) {
  return {unavailable, server + ": " + std::string(words),
          "check that the server runs and that the endpoint is right (AWS_ENDPOINT_URL, "
          "MINIO_ENDPOINT, or ?endpoint= in the URL)",
          true};
}

Failure tls_failure(const std::string& server, std::string_view words) {
  return {permission, server + ": " + std::string(words),
          "name the certificates to trust with PRISMCTL_S3_CA_FILE", false};
}

Failure nonsense(const std::string& where, const std::string& what) {
  return {io, where + ": " + what, "does an S3 server answer at the endpoint?", false};
}

}  // namespace prism::s3
