#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_reader.hpp>
#include <prism/blocks/pack_index.hpp>

struct ZSTD_DCtx_s;

namespace prism::blocks {

/// Reads a pack once, from its beginning to its end, by its index. Errors are those of BlockReader.
class PackReader {
 public:
  PackReader(repository::Repository& repository, const PackRecord& record, const PackIndex& index,
             const ReaderOptions& options, const Cancel& cancel);
  ~PackReader();
  PackReader(const PackReader&) = delete;
  PackReader& operator=(const PackReader&) = delete;

  /// A frame of which nothing is wanted is not decompressed.
  void read(const std::function<bool(std::uint32_t first, std::uint32_t count)>& wants_frame,
            const std::function<bool(std::uint32_t number)>& wants,
            const std::function<void(std::uint32_t number, std::string_view block)>& take);

 private:
  class Stored;

  void open_frame(const PackFrame& frame, std::uint32_t first);
  [[noreturn]] void fail(const std::string& why) const;

  const PackIndex& index_;
  std::string where_;
  std::unique_ptr<Stored> stored_;
  std::unique_ptr<BlockHasher> hasher_;  ///< null: there is no key
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string compressed_, blocks_;
};

/// Reads what is stored of a pack, without looking into it.
void check_stored_pack(repository::Repository& repository, const PackRecord& record,
                       bool encrypted);

}  // namespace prism::blocks
