#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <prism/repository/compress.hpp>

#include "support/process.hpp"
#include "support/temporary.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::repository {
namespace {

using test::text_of;
using test::thrown_by;

constexpr const char* kTool = "/usr/bin/zstd";

std::string compressed(std::string_view text, unsigned threads = 0, int level = 3) {
  test::TextSink frame;
  ZstdSink sink(frame, level, threads);
  test::write_in_pieces(sink, text);
  sink.finish();
  return frame.text();
}

std::string decompressed(const std::string& frame, std::size_t piece_in = std::string::npos,
                         std::size_t piece_out = 64 * 1024) {
  test::TextSource from(frame, piece_in);
  ZstdSource source(from);
  return text_of(source, piece_out);
}

/// Nothing when it is refused as bad data.
std::optional<std::string> content_of(const std::string& frame) {
  try {
    return decompressed(frame);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_data);
    return std::nullopt;
  }
}

std::string random_bytes(std::size_t size) {
  std::mt19937 random(42);
  std::string bytes(size, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random() & 0xff); });
  return bytes;
}

std::string compressible(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += "fact " + std::to_string(i * i) + "\n";
  text.resize(size);
  return text;
}

/// An empty frame that says it needs a window of 2^`log` bytes.
std::string frame_of_window(int log) {
  return std::string("\x28\xB5\x2F\xFD\0", 5) + static_cast<char>((log - 10) << 3) +
         std::string("\x01\0\0", 3);
}

/// Some bytes that zstd skips.
std::string skippable_frame() { return {"\x50\x2A\x4D\x18\x03\0\0\0abc", 11}; }

test::Ended run_tool(std::vector<std::string> arguments) {
  test::Launch launch;
  launch.program = kTool;
  launch.arguments = std::move(arguments);
  return test::run(launch);
}

}  // namespace

TEST_CASE("repository: what is compressed is read back, with threads and without") {
  for (const unsigned threads : {0U, 2U}) {
    CAPTURE(threads);
    for (const std::string& text : {std::string(), std::string("x"), random_bytes(10'000'000),
                                    compressible(10'000'000), std::string(10'000'000, '\0')}) {
      const std::string frame = compressed(text, threads);
      CHECK((decompressed(frame, 10'007, 99'991) == text));
      CHECK((decompressed(frame, std::string::npos, 16U << 20) == text));
    }
  }
}

TEST_CASE("repository: what repeats itself becomes small, at each level") {
  const std::string text = compressible(300'000);
  for (const int level : {1, 3, 19}) {
    const std::string frame = compressed(text, 1, level);
    CHECK(frame.size() < text.size() / 3);
    CHECK((decompressed(frame) == text));
  }
}

TEST_CASE("repository: pieces of any size give the same") {
  for (const std::size_t size : {1U, 1000U, 131'071U, 131'072U, 131'073U, 262'144U}) {
    CAPTURE(size);
    const std::string text = compressible(size);
    const std::string frame = compressed(text);
    for (const std::size_t piece : {std::size_t{1}, size - size / 2, size, size + 1}) {
      CAPTURE(piece);
      CHECK((decompressed(frame, piece, size) == text));
      CHECK((decompressed(frame, 1000, piece) == text));
    }
  }
}

TEST_CASE("repository: a compressing sink holds little back, and finishes what is behind it") {
  test::TextSink frame;
  ZstdSink sink(frame, 1, 0);
  sink.write(random_bytes(2'000'000));
  CHECK(frame.text().size() > 1'500'000);
  CHECK_FALSE(frame.finished());
  sink.finish();
  CHECK(frame.finished());
}

TEST_CASE("repository: the end of the frames is told as often as it is asked for") {
  test::TextSource from(compressed("facts"));
  ZstdSource source(from);
  CHECK(text_of(source) == "facts");
  std::array<char, 10> into;
  CHECK(source.read(into) == 0);
  CHECK(source.read(into) == 0);
}

TEST_CASE("repository: several frames are read as one") {
  const std::string frames =
      compressed("one ") + compressed("") + skippable_frame() + compressed("two");
  for (const std::size_t piece : {1U, 2U, 4U, 7U, 1000U}) {
    CHECK(decompressed(frames, piece, piece) == "one two");
  }
}

TEST_CASE("repository: what is cut short is refused, wherever that is") {
  const std::string frame = compressed("some facts, some more facts, and facts");
  for (std::size_t size = 0; size < frame.size(); ++size) {
    CAPTURE(size);
    const std::string cut = frame.substr(0, size);
    CHECK(thrown_by([&] { decompressed(cut); }).code == ErrorCode::bad_data);
    CHECK(thrown_by([&] { decompressed(cut, 1, 1); }).code == ErrorCode::bad_data);
    if (size > 0) CHECK_FALSE(content_of(frame + cut).has_value());
  }
  CHECK(thrown_by([&] { decompressed(""); }).message ==
        "zstd: the input ends before its frame does");
}

TEST_CASE("repository: a large frame that is cut short is refused") {
  const std::string frame = compressed(random_bytes(1'000'000));
  for (const std::size_t less : {1U, 4U, 5U, 131'072U, 500'000U}) {
    CHECK_FALSE(content_of(frame.substr(0, frame.size() - less)).has_value());
  }
}

TEST_CASE("repository: a byte that differs is refused, or changes nothing") {
  const std::string text = "some facts, some more facts, and facts";
  const std::string frame = compressed(text);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < frame.size(); ++at) {
    for (int difference = 1; difference < 256; ++difference) {
      std::string damaged = frame;
      damaged[at] = static_cast<char>(damaged[at] ^ difference);
      const auto content = content_of(damaged);
      if (content.value_or(text) != text) FAIL_CHECK("byte " << at << " by " << difference);
      if (!content) ++refused;
    }
  }
  CHECK(refused > frame.size() * 240);
}

TEST_CASE("repository: what is no frame is refused") {
  for (const std::string& bytes : {std::string("facts"), std::string(1000, '\0'),
                                   std::string("\x1f\x8b\x08\0\0\0", 6), random_bytes(100'000)}) {
    CHECK_FALSE(content_of(bytes).has_value());
    CHECK_FALSE(content_of(compressed("facts") + bytes).has_value());
  }
  CHECK(thrown_by([] { decompressed("facts"); }).says("zstd: "));
}

TEST_CASE("repository: a frame that needs too much memory is refused") {
  CHECK(content_of(frame_of_window(27)) == "");
  CHECK_FALSE(content_of(frame_of_window(28)).has_value());
  CHECK_FALSE(content_of(frame_of_window(41)).has_value());
}

TEST_CASE("repository: the tool zstd reads what is compressed, and we what it compresses") {
  if (!std::filesystem::exists(kTool)) {
    MESSAGE("skipped, for there is no " << kTool);
    return;
  }
  const test::Folder folder;
  for (const unsigned threads : {0U, 2U}) {
    const std::string text = compressible(1'000'000);
    const auto file = folder.write("facts.zst", compressed(text, threads));
    const auto read = run_tool({"-d", "-c", file.string()});
    CHECK(read.code == 0);
    CHECK((read.out == text));
    const auto plain = folder.write("facts", text);
    const auto made = run_tool({"-9", "-c", plain.string()});
    CHECK(made.code == 0);
    CHECK((decompressed(made.out) == text));
  }
}

}  // namespace prism::repository
