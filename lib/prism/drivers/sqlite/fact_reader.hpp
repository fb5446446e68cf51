#pragma once

#include <prism/drivers/sqlite/database.hpp>
#include <prism/store/fact_reader.hpp>

namespace prism::sqlite {

/// Reads the facts as of the moment when it was made, through a connection of its own.
class SqliteFactReader : public store::FactReader {
 public:
  SqliteFactReader(const std::filesystem::path& file, const Cancel& cancel);

  void each_membership(const std::function<void(Uid entity, Uid fact)>& take) override;
  void each_specialization(
      const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) override;
  std::int64_t watermark() override;

 private:
  Database database_;
  Transaction snapshot_;
};

}  // namespace prism::sqlite
