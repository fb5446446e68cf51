#include <fstream>
#include <optional>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/inputs.hpp>

#include "command.hpp"
#include "options.hpp"
#include "results.hpp"

namespace prismctl {
namespace {

namespace fs = std::filesystem;
using prism::setup::ConvertOptions;
using prism::setup::ConvertResult;

struct Options {
  std::vector<fs::path> paths;
  std::string output;
  bool assign = false;
  bool strict = false;
};

ConvertResult convert(const ConvertOptions& options, bool assign, Session& session) {
  auto context = session.context();
  if (!assign) return prism::setup::convert(options, nullptr, context);
  const auto store = session.open_store(prism::Access::create);
  store->migrate();
  return prism::setup::convert(options, &store->uids(), context);
}

void print_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 18);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    if (!Output::write({buffer.data(), static_cast<std::size_t>(in.gcount())})) return;
  }
}

void tell(const ConvertResult& result, const fs::path& folder, Output& output) {
  for (const auto& file : result.files) {
    output.line((folder / file.name).string() + ": " + prism::with_separators(file.facts) +
                " facts from " + file.workbook);
  }
  const auto rejects = rejects_of(result.rejected, result.rejects_file);
  if (!rejects.empty()) output.line(rejects);
}

ConvertResult to_folder(ConvertOptions options, const Options& asked, Session& session) {
  options.output = asked.output;
  const ConvertResult result = convert(options, asked.assign, session);
  if (session.output().json()) {
    Json json{{"command", "convert"}, {"output", asked.output}};
    json.update(to_json(result));
    session.output().document(json);
  } else {
    tell(result, options.output, session.output());
  }
  return result;
}

ConvertResult to_standard_output(ConvertOptions options, const Options& asked, Session& session) {
  if (options.workbooks.size() != 1 || session.output().json()) {
    throw prism::Error(prism::ErrorCode::usage,
                       "standard output takes the CSV of one workbook, and no --json",
                       "name a folder with --output DIR");
  }
  const prism::TemporaryFolder temporary(fs::temp_directory_path(), "prismctl-convert-");
  options.output = temporary.path();
  options.rejects_file = "prismctl-rejects.csv";
  const ConvertResult result = convert(options, asked.assign, session);
  print_file(temporary.path() / result.files.front().name);
  const auto rejects = rejects_of(result.rejected, result.rejects_file);
  if (!rejects.empty()) session.log().warning(rejects);
  return result;
}

int run(const Options& asked, Session& session) {
  ConvertOptions options;
  options.workbooks = prism::setup::find_workbooks(asked.paths);
  options.strict = asked.strict;
  options.limits = session.settings().uid_limits();
  const ConvertResult result = asked.output == "-" ? to_standard_output(options, asked, session)
                                                   : to_folder(options, asked, session);
  return result.rejected > 0 ? 1 : 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->paths, "Workbooks or folders of workbooks")->required();
  app.add_option("--output,-o", options->output,
                 "The folder for 0.csv, 1.csv, … and rejects.csv; - for standard output")
      ->required()
      ->type_name("DIR");
  add_choice(app, "--uids", "keep|assign",
             "keep temporary and blank UIDs, or assign permanent ones from the store "
             "(default: keep)",
             [options](std::size_t chosen) { options->assign = chosen == 1; });
  add_strict(app, options->strict);
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command convert_command() {
  return {.name = "convert",
          .summary = "Turn workbooks into CSV files of facts",
          .examples =
              "prismctl convert book.xls --output csv/\n"
              "prismctl convert book.xlsx --output - | head",
          .add = add};
}

}  // namespace prismctl
