#include <fstream>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/sheet/workbook.hpp>

#include "command.hpp"
#include "console/table.hpp"
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
  std::string sheet;
  std::size_t jobs = 0;
  bool list_sheets = false;
  bool raw = false;
  bool neo4j_admin = false;
  bool assign = false;
  bool strict = false;
};

std::string_view visibility_name(prism::sheet::Visibility visibility) {
  switch (visibility) {
    case prism::sheet::Visibility::visible:
      return "visible";
    case prism::sheet::Visibility::hidden:
      return "hidden";
    case prism::sheet::Visibility::very_hidden:
      return "very hidden";
  }
  return {};
}

std::string_view kind_name(const prism::sheet::SheetInfo& sheet) {
  return sheet.worksheet ? "worksheet" : "chart or macro";
}

Json listed(const fs::path& path, const prism::sheet::Workbook& workbook) {
  Json sheets = Json::array();
  for (const auto& sheet : workbook.sheets()) {
    sheets.push_back({{"number", sheets.size() + 1},
                      {"name", sheet.name},
                      {"visibility", visibility_name(sheet.visibility)},
                      {"kind", kind_name(sheet)}});
  }
  return {{"file", path.string()}, {"format", workbook.format()}, {"sheets", sheets}};
}

void list_sheets(const std::vector<fs::path>& workbooks, Output& output) {
  Json all = Json::array();
  std::vector<std::vector<std::string>> rows{{"WORKBOOK", "N", "SHEET", "VISIBILITY", "KIND"}};
  for (const fs::path& path : workbooks) {
    const auto workbook = prism::sheet::open_workbook(path);
    Json book = listed(path, *workbook);
    for (const Json& sheet : book["sheets"]) {
      rows.push_back({path.filename().string(), sheet["number"].dump(), sheet["name"],
                      sheet["visibility"], sheet["kind"]});
    }
    all.push_back(std::move(book));
  }
  if (output.json()) return output.document({{"command", "convert"}, {"workbooks", all}});
  for (const std::string& line : table_lines(rows)) output.line(line);
}

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

void tell_files(const ConvertResult& result, std::string_view unit, const fs::path& folder,
                Output& output) {
  for (const auto& file : result.files) {
    output.line(fmt::format("{}: {} {} from {}", (folder / file.name).string(),
                            prism::with_separators(file.facts), unit, file.workbook));
  }
}

void tell_fact_files(const ConvertResult& result, const prism::store::FactFiles& files,
                     const fs::path& folder, Output& output) {
  for (const auto& file : result.fact_files) {
    const std::string rows =
        fmt::format(": {} {}", prism::with_separators(file.rows), file.rows == 1 ? "row" : "rows");
    output.line((folder / file.name).string() + (file.rows > 0 ? rows : ""));
  }
  output.line(files.next_step(folder));
}

Json document(const ConvertResult& result, const Options& asked) {
  Json json{{"command", "convert"},
            {"output", asked.output},
            {"raw", asked.raw},
            {"format", asked.neo4j_admin ? "neo4j-admin" : "csv"}};
  json.update(to_json(result));
  return json;
}

ConvertResult to_folder(ConvertOptions options, const Options& asked, Session& session) {
  options.output = asked.output;
  const auto files = asked.neo4j_admin ? prism::drivers::neo4j_import_files() : nullptr;
  options.files = files.get();
  const ConvertResult result = convert(options, asked.assign, session);
  Output& output = session.output();
  if (output.json()) {
    output.document(document(result, asked));
    return result;
  }
  if (files) {
    tell_fact_files(result, *files, options.output, output);
  } else {
    tell_files(result, asked.raw ? "rows" : "facts", options.output, output);
  }
  const auto rejects = rejects_of(result.rejected, result.rejects_file);
  if (!rejects.empty()) output.line(rejects);
  return result;
}

ConvertResult to_standard_output(ConvertOptions options, const Options& asked, Session& session) {
  if (options.workbooks.size() != 1 || session.output().json() || asked.neo4j_admin) {
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
  if (asked.output.empty() && !asked.list_sheets) {
    throw prism::Error(prism::ErrorCode::usage, "--output is required",
                       "see prismctl convert --help");
  }
  ConvertOptions options;
  options.workbooks = prism::setup::find_workbooks(asked.paths);
  if (asked.list_sheets) {
    list_sheets(options.workbooks, session.output());
    return 0;
  }
  if (!asked.sheet.empty()) options.sheet = asked.sheet;
  options.raw = asked.raw;
  options.jobs = asked.jobs;
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
      ->type_name("DIR");
  app.add_option("--sheet", options->sheet,
                 "The sheet to read, by name or counted from 1 (default: the first visible one)")
      ->type_name("NAME|N");
  app.add_flag("--list-sheets", options->list_sheets,
               "List the sheets of the workbooks, and convert nothing");
  auto* raw = app.add_flag("--raw", options->raw,
                           "Any workbook: the sheet as it stands from A1, not as facts");
  auto* uids = add_choice(app, "--uids", "keep|assign",
                          "keep temporary and blank UIDs, or assign permanent ones from the store "
                          "(default: keep)",
                          [options](std::size_t chosen) { options->assign = chosen == 1; });
  raw->excludes(uids);
  auto* format = add_choice(
      app, "--format", "csv|neo4j-admin",
      "CSV of facts, or the graph as neo4j-admin database import full takes it (default: csv)",
      [options](std::size_t chosen) { options->neo4j_admin = chosen == 1; });
  raw->excludes(format);
  app.add_option("--jobs", options->jobs,
                 "How many workbooks to read side by side (default: as many as there are cores)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  add_strict(app, options->strict);
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command convert_command() {
  return {.name = "convert",
          .summary = "Turn workbooks into CSV files of facts",
          .examples =
              "prismctl convert book.xls --output csv/\n"
              "prismctl convert book.xlsx --output - | head\n"
              "prismctl convert book.xls --uids assign --format neo4j-admin --output graph/\n"
              "prismctl convert any.xlsx --list-sheets\n"
              "prismctl convert any.xlsx --raw --sheet Prices --output -",
          .add = add};
}

}  // namespace prismctl
