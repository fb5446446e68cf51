#include "cli.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

#include "version.hpp"

namespace prismctl {
namespace {

using prism::Error;
using prism::ErrorCode;
using prism::in_quotes;

std::string exit_codes() {
  std::string text = "Exit codes:\n";
  for (const auto& info : prism::error_table()) {
    text += fmt::format("  {:<4} {}\n", static_cast<int>(info.code), info.meaning);
  }
  return text;
}

std::string example_text(std::string_view examples) {
  std::string text = "Examples:\n";
  for (const std::string& line : CLI::detail::split(std::string(examples), '\n')) {
    text += "  " + line + "\n";
  }
  return text;
}

/// The candidate nearest to a word, if it is near enough to have been meant.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = prism::edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  return names;
}

std::string meant(const std::string& nearest_word, const std::string& otherwise) {
  return nearest_word.empty() ? otherwise : "did you mean " + in_quotes(nearest_word) + "?";
}

/// What CLI11 says, in our style: one line, lower case unless it begins with a name, no full stop.
std::string in_our_style(std::string text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && text.back() == '.') text.pop_back();
  const bool name = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
  return name ? text
              : prism::lower_case(text.substr(0, 1)) +
                    text.substr(std::min<std::size_t>(1, text.size()));
}

/// The innermost subcommand that was parsed.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

/// `uid reserve`, or nothing for the program itself.
std::string path_of(const CLI::App& app) {
  if (app.get_parent() == nullptr) return {};
  const std::string before = path_of(*app.get_parent());
  return before.empty() ? app.get_name() : before + " " + app.get_name();
}

/// A word that nobody expected: an option or command that may have been mistyped, or one too many.
[[noreturn]] void explain_word(const std::string& word, const CLI::App& where,
                               const CLI::App& global, const std::string& help) {
  if (word.starts_with("-")) {
    auto names = option_names(where);
    const auto more = option_names(global);
    names.insert(names.end(), more.begin(), more.end());
    const std::string name = word.substr(0, word.find('='));
    throw Error(ErrorCode::usage, "unknown option " + in_quotes(name),
                meant(nearest(name, names), help));
  }
  const auto commands = command_names(where);
  if (commands.empty()) {
    throw Error(ErrorCode::usage, "unexpected argument " + in_quotes(word), help);
  }
  const std::string path = path_of(where);
  throw Error(ErrorCode::usage,
              "unknown command " + in_quotes(path.empty() ? word : path + " " + word),
              meant(nearest(word, commands), help));
}

}  // namespace

CommandLine::CommandLine()
    : app_("prismctl operates systems made of several databases.", "prismctl"),
      commands_(prismctl::commands()) {
  app_.set_help_flag("-h,--help", "Show this help");
  app_.set_version_flag("--version", std::string("prismctl ") + kVersion, "Show the version");
  app_.require_subcommand(1);
  app_.footer(exit_codes() + "\nprismctl COMMAND --help shows the options of a command.");
  add_globals();
  add_settings();
  for (const Command& command : commands_) add_command(command);
}

void CommandLine::add_globals() {
  app_.add_option("--config", globals_.config_file,
                  "A TOML file with settings (default: ./prismctl.toml, then /etc/prismctl.toml)")
      ->type_name("FILE");
  app_.add_option("--env-file", globals_.env_file,
                  "The environment file of a system, with KEY=value lines")
      ->type_name("FILE");
  app_.add_flag("--json", globals_.json, "Print exactly one JSON document on standard output");
  app_.add_flag("--quiet,-q", globals_.quiet, "Print only errors");
  app_.add_flag("--no-progress", globals_.no_progress, "Show no progress");
}

void CommandLine::add_settings() {
  for (const auto& spec : prism::config::setting_specs()) {
    if (spec.flag.empty()) continue;
    std::string help(spec.help);
    if (!spec.default_value.empty()) help += fmt::format(" (default: {})", spec.default_value);
    app_.add_option_function<std::string>(
            "--" + std::string(spec.flag),
            [this, setting = spec.setting](const std::string& value) {
              globals_.settings[setting] = value;
            },
            help)
        ->type_name(std::string(spec.metavar));
  }
}

void CommandLine::add_command(const Command& command) {
  CLI::App* sub = app_.add_subcommand(std::string(command.name), std::string(command.summary));
  sub->fallthrough();
  sub->set_help_flag("-h,--help", "Show this help");
  if (command.hidden) sub->group("");
  if (!command.examples.empty()) sub->footer(example_text(command.examples));
  runs_.push_back(command.add(*sub));
}

void CommandLine::parse(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto has = [&](const char* word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  globals_.json = has("--json");
  is_wal_fetch_ = has("wal") && has("fetch");
  try {
    app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success&) {
    throw;
  } catch (const CLI::ParseError& e) {
    explain(e, words);
  }
  choose();
}

void CommandLine::choose() {
  for (std::size_t i = 0; i < commands_.size(); ++i) {
    if (!app_.got_subcommand(std::string(commands_[i].name))) continue;
    chosen_ = &commands_[i];
    run_ = runs_[i];
  }
  path_ = path_of(innermost(app_));
}

int CommandLine::exit_code(const prism::Error& error) const {
  constexpr int kEndsNoRecovery = 255;
  return is_wal_fetch_ ? kEndsNoRecovery : static_cast<int>(error.code());
}

bool CommandLine::pinged() const {
  const auto paths = CLI::detail::split(std::string(chosen_->pinged), ',');
  if (std::find(paths.begin(), paths.end(), path_) == paths.end()) return false;
  const CLI::Option* const dry_run = innermost(app_).get_option_no_throw("--dry-run");
  return dry_run == nullptr || dry_run->count() == 0;
}

/// Turns what CLI11 says into an error of ours: what was found, and what may have been meant.
void CommandLine::explain(const CLI::ParseError& error, const std::vector<std::string>& words) {
  const CLI::App& where = innermost(app_);
  const std::string path = path_of(where);
  const std::string help = "see prismctl " + (path.empty() ? "" : path + " ") + "--help";
  const auto unexpected = app_.remaining(true);
  if (!unexpected.empty()) explain_word(unexpected.front(), where, app_, help);
  if (words.empty()) throw Error(ErrorCode::usage, "no command named", help);
  throw Error(ErrorCode::usage, in_our_style(error.what()), help);
}

int CommandLine::answer(const CLI::Success& asked) {
  const bool version = dynamic_cast<const CLI::CallForVersion*>(&asked) != nullptr;
  Output::write(version ? std::string(asked.what()) + "\n" : app_.help());
  return 0;
}

}  // namespace prismctl
