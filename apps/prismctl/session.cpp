#include "session.hpp"

#include <algorithm>

#include <unistd.h>

#include <prism/base/random.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/drivers.hpp>

#include "console/progress.hpp"
#include "console/style.hpp"

namespace prismctl {
namespace {

using prism::config::Setting;

prism::config::Sources sources_of(const Globals& globals) {
  prism::config::Sources sources;
  sources.flags = globals.settings;
  sources.environment = prism::config::process_environment();
  sources.env_file = globals.env_file;
  sources.config_file = globals.config_file;
  return sources;
}

prism::LogLevel log_level(const std::string& name, bool quiet) {
  if (name == "off") return prism::LogLevel::off;
  if (name == "error" || quiet) return prism::LogLevel::error;
  if (name == "debug") return prism::LogLevel::debug;
  return name == "warning" ? prism::LogLevel::warning : prism::LogLevel::info;
}

prism::LogOptions log_options(const prism::config::Settings& settings, bool quiet,
                              const std::string& run, std::atomic<bool>& reopen) {
  prism::LogOptions options;
  options.run = run;
  options.reopen = &reopen;
  options.file = settings.text(Setting::log_file);
  // --quiet is about the terminal: a log file gets what its level asks for.
  options.level = log_level(settings.text(Setting::log_level), quiet && options.file.empty());
  const bool json = settings.text(Setting::log_format) == "json";
  options.format = json ? prism::LogFormat::json : prism::LogFormat::text;
  options.terminal = options.file.empty() && is_terminal(STDERR_FILENO);
  options.colour = options.terminal && wants_colour(STDERR_FILENO);
  return options;
}

bool is_named(const std::vector<prism::config::Target>& all, const std::string& name) {
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& target) { return target.name == name; });
}

void add_fact_store(std::vector<prism::config::Target>& all,
                    const prism::config::SettingValue& store) {
  for (const auto& target : all) {
    if (prism::config::is_same_place(target.url, store.text)) return;
  }
  const std::string name = is_named(all, "facts") ? "fact-store" : "facts";
  all.push_back(prism::config::target_of_url(name, store.text, {}, store.origin));
}

void add_cache(std::vector<prism::config::Target>& all, const prism::config::SettingValue& cache) {
  const std::string scheme = prism::config::scheme_of(cache.text);
  if (scheme != "unix" && !scheme.starts_with("redis")) return;
  for (const auto& target : all) {
    if (target.name == "cache" || prism::config::is_same_place(target.url, cache.text)) return;
  }
  all.push_back({"cache", "redis", cache.text, "", cache.origin});
}

}  // namespace

Session::Session(const Globals& globals, const prism::Cancel& cancel, std::atomic<bool>& reopen_log)
    : run_id_(prism::random_uuid()),
      sources_(sources_of(globals)),
      settings_(prism::config::Settings::resolve(sources_)),
      output_(globals.json, globals.quiet),
      log_(log_options(settings_, globals.quiet, run_id_, reopen_log)),
      cancel_(cancel),
      progress_(make_progress(log_, !globals.quiet && !globals.no_progress)) {}

void Session::touch(std::string what) {
  const std::lock_guard lock(mutex_);
  touched_.push_back(std::move(what));
}

std::chrono::seconds Session::lock_wait() const {
  return std::chrono::seconds(settings_.integer(Setting::lock_wait));
}

prism::drivers::OpenOptions Session::open_options(const std::string& url,
                                                  prism::Access access) const {
  return {url, access, lock_wait(), settings_.servers()};
}

std::unique_ptr<prism::store::FactStore> Session::open_store(prism::Access access,
                                                             std::optional<prism::LoadVia> via) {
  const std::string& url = settings_.text(Setting::store);
  auto options = open_options(url, access);
  options.load_via = via;
  auto store = prism::drivers::open_store(options, log_, cancel_);
  touch("store " + prism::config::without_password(url));
  return store;
}

std::unique_ptr<prism::repository::Repository> Session::open_repository() {
  const std::string& url = settings_.text(Setting::repository);
  touch("repository " + prism::config::without_password(url));
  return prism::drivers::open_repository(url, settings_.servers(), log_, cancel_);
}

std::vector<prism::config::Target> Session::backup_targets() const {
  auto all = targets();
  std::erase_if(all, [](const auto& target) { return !prism::drivers::is_backed_up(target.kind); });
  add_fact_store(all, settings_.value(Setting::store));
  add_cache(all, settings_.value(Setting::cache));
  prism::drivers::put_in_order(all);
  return all;
}

std::string Session::cache_url() const {
  const std::string& url = settings_.text(Setting::cache);
  if (url == "none") return {};
  if (!url.empty()) return url;
  const std::string& store = settings_.text(Setting::store);
  return prism::drivers::holds_cache(store) ? store : std::string();
}

std::unique_ptr<prism::cache::CacheSink> Session::open_cache(prism::Access access, bool swap) {
  const std::string url = cache_url();
  if (url.empty()) return nullptr;
  auto options = open_options(url, access);
  options.swap = swap;
  auto sink = prism::drivers::open_cache(options, log_, cancel_);
  touch("cache " + prism::config::without_password(url));
  return sink;
}

}  // namespace prismctl
