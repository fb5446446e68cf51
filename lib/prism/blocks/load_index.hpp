#pragma once

#include <functional>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/blocks/pack_index.hpp>
#include <prism/repository/repository.hpp>

namespace prism::blocks {

/// The index object of a pack. Throws Error(bad_data) that names it where it is not there or damaged,
/// or where `sha256` isn't empty and it is not what that is of.
PackIndex load_index(repository::Repository& repository, const std::string& id,
                     const std::string& sha256);

/// All indexes of packs whose blocks can be shared: of that key, encrypted or not, whose pack is
/// there in its whole length. One that is damaged is left out: its blocks are stored again.
void load_indexes(repository::Repository& repository, const std::string& key_id, bool encrypted,
                  const Cancel& cancel,
                  const std::function<void(const PackRecord&, const PackIndex&)>& take);

}  // namespace prism::blocks
