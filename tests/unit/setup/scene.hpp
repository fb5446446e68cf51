#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <prism/drivers/drivers.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/importer.hpp>

#include "support/quiet.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::setup::test {

namespace fs = std::filesystem;

/// Temporary UIDs below 100, entities from 10000, facts from 20000.
inline const uid::Limits kLimits{100, 10000, 20000};

/// A folder with workbooks (as CSV) and a real store.
class Scene {
 public:
  Scene() : quiet_(folder_ / "log") { open()->migrate(); }

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  fs::path write(const std::string& name, const std::string& content) const {
    return folder_.write(name, content);
  }
  std::string content(const std::string& name) const {
    return prism::test::content_of(folder_ / name);
  }
  std::string log() {
    quiet_.log().warning("-- read here --");  // a warning makes the file complete
    return content("log");
  }
  Context& context() { return quiet_.context(); }
  Cancel& cancel() { return quiet_.cancel(); }

  std::unique_ptr<store::FactStore> open() {
    return drivers::open_store({.url = (folder_ / "prism.db").string(), .access = Access::create},
                               quiet_.log(), quiet_.cancel());
  }
  std::unique_ptr<cache::CacheSink> open_cache() {
    return drivers::open_cache({.url = (folder_ / "prism.db").string(), .access = Access::create},
                               quiet_.log(), quiet_.cancel());
  }

  ConvertResult convert(const std::vector<std::string>& names, uid::Registry* registry = nullptr,
                        bool strict = false) {
    ConvertOptions options;
    for (const std::string& name : names) options.workbooks.push_back(folder_ / name);
    options.output = folder_ / "csv";
    options.strict = strict;
    options.limits = kLimits;
    return setup::convert(options, registry, context());
  }

  ImportOptions import_of(const std::vector<std::string>& names) const {
    ImportOptions options;
    for (const std::string& name : names) options.files.push_back({folder_ / name, name});
    options.rejects_file = folder_ / "rejects.csv";
    options.limits = kLimits;
    return options;
  }

 private:
  prism::test::Folder folder_;
  prism::test::Quiet quiet_;
};

/// The names of what lies in a folder, in order.
inline std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  if (!fs::exists(folder)) return names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace prism::setup::test
