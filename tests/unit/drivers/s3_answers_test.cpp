#include <doctest/doctest.h>

#include <prism/base/date.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/failure.hpp>

#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

using test::thrown_by;

constexpr const char* kObjects = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>backups</Name>
<Prefix>a%2F</Prefix><KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>
<NextContinuationToken>to/ken=</NextContinuationToken>
<Contents><Key>a/b+c%2Bd%C3%A4</Key><LastModified>2026-11-21T10:15:00.123Z</LastModified>
<ETag>"e"</ETag><Size>5000000000</Size></Contents>
<Contents><Key>a/&lt;&amp;</Key><LastModified>2026-11-21T10:15:01Z</LastModified>
<Size>0</Size></Contents></ListBucketResult>)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

Answer answer(int status, std::string code, std::string more = {}) {
  return {status, {}, "<Error><Code>" + code + "</Code>" + more + "</Error>"};
}

}  // namespace

TEST_CASE("s3: a page of objects is read") {
  const ObjectPage page = read_object_page(kObjects);
  CHECK(page.next == "to/ken=");
  REQUIRE(page.objects.size() == 2);
  CHECK(page.objects[0].key == "a/b c+dä");
  CHECK(page.objects[0].size == 5'000'000'000);
  CHECK(format_utc(page.objects[0].modified) == "2026-11-21T10:15:00Z");
  CHECK(page.objects[1].key == "a/<&");
  CHECK(page.objects[1].modified - page.objects[0].modified == std::chrono::milliseconds(877));
  CHECK(read_object_page(with(kObjects, "true", "false")).next.empty());
  CHECK(read_object_page("<ListBucketResult/>").objects.empty());
}

TEST_CASE("s3: what is no page of objects is refused") {
  for (const std::string& body :
       {std::string(), std::string("<html><body>Welcome</body></html>"),
        std::string("<ListBucketResult>"), with(kObjects, "5000000000", "-1"),
        with(kObjects, "5000000000", "99999999999999999999"), with(kObjects, "2026-11-21T", "T"),
        with(kObjects, ".123Z", ".x23Z"), with(kObjects, ".123Z", ".1Z"),
        with(kObjects, "2026", "1013"), with(kObjects, "2026", "9999"),
        with(kObjects, "to/ken=", ""), with(kObjects, "<Size>0</Size>", "")}) {
    CAPTURE(body);
    const auto thrown = thrown_by([&] { read_object_page(body); });
    CHECK(thrown.code == ErrorCode::io);
    CHECK(thrown.hint.find("endpoint") != std::string::npos);
  }
}

TEST_CASE("s3: entities of a document's own are not expanded") {
  const std::string body =
      "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\">]>" +
      with(with(kObjects, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""), "a/&lt;&amp;", "&a;");
  CHECK(read_object_page(body).objects.at(1).key == "&a;");
}

TEST_CASE("s3: deep nesting is no trouble") {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "<a>";
  CHECK(thrown_by([&] { read_object_page(body); }).code == ErrorCode::io);
  for (int i = 0; i < 100'000; ++i) body += "</a>";
  CHECK(thrown_by([&] { read_object_page(body); }).code == ErrorCode::io);
}

TEST_CASE("s3: a page of uploads is read") {
  const UploadPage page = read_upload_page(
      "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k+1</"
      "NextKeyMarker>"
      "<NextUploadIdMarker>i1</NextUploadIdMarker><Upload><Key>a%2Fb</Key><UploadId>i0</UploadId>"
      "<Initiated>2026-11-21T10:15:00.000Z</Initiated></Upload></ListMultipartUploadsResult>");
  REQUIRE(page.uploads.size() == 1);
  CHECK(page.uploads[0].key == "a/b");
  CHECK(page.uploads[0].id == "i0");
  CHECK(format_utc(page.uploads[0].begun) == "2026-11-21T10:15:00Z");
  CHECK(page.next_key == "k 1");
  CHECK(page.next_id == "i1");
}

TEST_CASE("s3: of the parts of an upload the newest counts") {
  const PartPage page = read_part_page(
      "<ListPartsResult><Part><LastModified>2026-11-21T10:15:02Z</LastModified></Part>"
      "<Part><LastModified>2026-11-21T10:15:01Z</LastModified></Part></ListPartsResult>");
  CHECK(format_utc(page.newest) == "2026-11-21T10:15:02Z");
  CHECK(page.next.empty());
}

TEST_CASE("s3: the id of an upload is read") {
  CHECK(read_upload_id("<InitiateMultipartUploadResult><UploadId>i</UploadId>"
                       "</InitiateMultipartUploadResult>") == "i");
  CHECK(thrown_by([] { read_upload_id("<InitiateMultipartUploadResult/>"); }).code ==
        ErrorCode::io);
}

TEST_CASE("s3: failures mean what an operator can act on") {
  struct Expected {
    int status;
    const char* s3_code;
    ErrorCode code;
    bool passes;
  };
  using enum ErrorCode;
  for (const Expected& expected : {Expected{403, "AccessDenied", permission, false},
                                   {403, "SignatureDoesNotMatch", permission, false},
                                   {403, "InvalidAccessKeyId", permission, false},
                                   {400, "ExpiredToken", permission, false},
                                   {403, "RequestTimeTooSkewed", configuration, false},
                                   {404, "NoSuchBucket", configuration, false},
                                   {404, "NoSuchKey", input_missing, false},
                                   {412, "PreconditionFailed", refused, false},
                                   {301, "PermanentRedirect", configuration, false},
                                   {501, "NotImplemented", configuration, false},
                                   {507, "XMinioStorageFull", io, false},
                                   {503, "SlowDown", unavailable, true},
                                   {500, "InternalError", unavailable, true},
                                   {400, "RequestTimeout", unavailable, true},
                                   {409, "ConditionalRequestConflict", unavailable, true},
                                   {400, "XAmzContentSHA256Mismatch", io, true},
                                   {418, "Teapot", io, false}}) {
    CAPTURE(expected.s3_code);
    const Failure failure = failure_of(answer(expected.status, expected.s3_code), "s3://b/k");
    CHECK(failure.code() == expected.code);
    CHECK(failure.passes() == expected.passes);
    CHECK(failure.s3_code() == expected.s3_code);
    CHECK(std::string(failure.what()).starts_with("s3://b/k: "));
    CHECK(std::string(failure.what()).find(expected.s3_code) != std::string::npos);
  }
}

TEST_CASE("s3: an answer without a body is known by its status") {
  CHECK(failure_of({403, {}, ""}, "w").code() == ErrorCode::permission);
  CHECK(failure_of({404, {}, ""}, "w").code() == ErrorCode::input_missing);
  CHECK(failure_of({412, {}, ""}, "w").code() == ErrorCode::refused);
  CHECK(failure_of({502, {}, "<html>"}, "w").passes());
  CHECK(failure_of({429, {}, ""}, "w").passes());
  CHECK_FALSE(failure_of({501, {}, ""}, "w").passes());
}

TEST_CASE("s3: the region that a server names is told") {
  const auto by_body =
      failure_of(answer(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"), "w");
  CHECK(by_body.code() == ErrorCode::configuration);
  CHECK(by_body.hint().find("'eu-west-3'") != std::string::npos);
  const auto by_header = failure_of({301, {{"x-amz-bucket-region", "eu-west-1"}}, ""}, "w");
  CHECK(by_header.hint().find("'eu-west-1'") != std::string::npos);
}

TEST_CASE("s3: what a server says is shown short and printable") {
  const auto failure = failure_of(
      answer(400, "Odd\x1b[1m", "<Message>\x1b[31m" + std::string(500, 'x') + "</Message>"), "w");
  const std::string message = failure.what();
  CHECK(message.size() < 200);
  CHECK(message.find('\x1b') == std::string::npos);
}

}  // namespace prism::s3
