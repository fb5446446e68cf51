#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/sheet/byte_stream.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet::fuzz {

/// Ends the process with those words unless `holds`; libFuzzer keeps the input then.
void require_that(bool holds, std::string_view otherwise);

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A refusal must be Error(bad_data) and its message text for people.
void check_refusal(const Error& refusal);
void check_refusal(const Damage& refusal);

/// Whether `action` came to its end. What it throws must be a refusal; anything else is left to
/// end the process.
template <typename Action>
bool accepted(Action&& action) {
  try {
    std::forward<Action>(action)();
    return true;
  } catch (const Error& refusal) {
    check_refusal(refusal);
  } catch (const Damage& refusal) {
    check_refusal(refusal);
  }
  return false;
}

/// A number stands for all the cells of a row.
struct ReadRows {
  enum class End : std::uint8_t { complete, out_of_order, refused };

  std::vector<std::size_t> rows;
  End end = End::refused;
};

/// Reads to the end and checks what RowReader and Cell promise.
ReadRows read_rows(RowReader& rows);

/// What comes sorted must be what comes streamed, if that comes to its end.
void check_same(const ReadRows& streamed, const ReadRows& sorted);

/// Reads the first few sheets streamed, the first one sorted too.
void read_workbook(Workbook& workbook);

/// The text of a cell that is a number must read back as that number.
void check_number_text(double number);

/// Hands out a text in pieces of at most that size.
class PieceStream : public ByteStream {
 public:
  PieceStream(std::string_view text, std::size_t piece) : left_(text), piece_(piece) {}

  std::size_t read(std::span<char> out) override {
    const std::size_t size = left_.copy(out.data(), std::min(out.size(), piece_));
    left_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view left_;
  std::size_t piece_;
};

}  // namespace prism::sheet::fuzz
