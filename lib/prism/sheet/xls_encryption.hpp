#pragma once

#include <memory>

#include <prism/base/export.hpp>
#include <prism/sheet/biff_version.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/record_cipher.hpp>

namespace prism::sheet {

/// The cipher of a workbook with a FILEPASS record of that data ([MS-XLS] section 2.4.117), made
/// from the password `VelvetSweatshop`, which Excel tries on its own: workbooks of which only the
/// structure is protected have it. Nothing when no password was set. Throws Encrypted when the
/// workbook has another one or an unknown kind of encryption.
PRISM_API std::unique_ptr<RecordCipher> open_file_pass(Bytes data, BiffVersion version);

}  // namespace prism::sheet
