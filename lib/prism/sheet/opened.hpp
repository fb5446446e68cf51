#pragma once

#include <memory>
#include <string>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// The workbook that `open` gives, or its Damage as an Error with the file's name.
template <typename Open>
std::unique_ptr<Workbook> opened(const std::string& name, Open&& open) {
  try {
    return std::forward<Open>(open)();
  } catch (const Encrypted& encrypted) {
    throw Error(ErrorCode::bad_data, name + ": " + encrypted.what(),
                "save the workbook without a password");
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, name + ": " + damage.what());
  }
}

}  // namespace prism::sheet
