#include <prism/sheet/biff_version.hpp>

namespace prism::sheet {
namespace {

BiffVersion version_of(std::uint16_t number, BiffVersion otherwise) {
  switch (number) {
    case 0x0002:
    case 0x0007:
    case 0x0200:
      return BiffVersion::biff2;
    case 0x0300:
      return BiffVersion::biff3;
    case 0x0400:
      return BiffVersion::biff4;
    case 0x0500:
      return BiffVersion::biff5;
    case 0x0600:
      return BiffVersion::biff8;
    default:
      return otherwise;
  }
}

}  // namespace

/// Until BIFF4 the type of the record tells the version; what its data says of it is then of no
/// use.
Bof parse_bof(const Record& record, BiffVersion otherwise) {
  if (!is_bof(record.type)) {
    throw Damage("found a record of type " + std::to_string(record.type) + " at offset " +
                 std::to_string(record.offset) + ", expected the start of a substream (BOF)");
  }
  const std::uint16_t kind = read_u16(record.data, 2);
  switch (record.type) {
    case 0x0009:
      return {BiffVersion::biff2, kind};
    case 0x0209:
      return {BiffVersion::biff3, kind};
    case 0x0409:
      return {BiffVersion::biff4, kind};
    default:
      return {version_of(read_u16(record.data, 0), otherwise), kind};
  }
}

}  // namespace prism::sheet
