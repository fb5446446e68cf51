#include <prism/drivers/files/counter.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

void Counter::add(const Found& found) {
  if (S_ISREG(found.state.st_mode) && found.entry != kTemporaryName) {
    add_file(found);
  } else if (S_ISDIR(found.state.st_mode)) {
    ++tally_.folders;
  } else if (S_ISLNK(found.state.st_mode)) {
    ++tally_.links;
  } else {
    ++tally_.left_out;
  }
}

void Counter::add_file(const Found& found) {
  const auto& state = found.state;
  if (state.st_nlink > 1 && !several_names_.emplace(state.st_dev, state.st_ino).second) {
    ++tally_.links;
    return;
  }
  ++tally_.files;
  tally_.bytes += static_cast<std::uint64_t>(state.st_size);
}

}  // namespace prism::files
