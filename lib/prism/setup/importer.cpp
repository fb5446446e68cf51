#include <prism/setup/importer.hpp>

#include <exception>
#include <thread>

#include <prism/base/queue.hpp>
#include <prism/gellish/fact_builder.hpp>
#include <prism/gellish/table.hpp>
#include <prism/setup/issues.hpp>
#include <prism/sheet/csv.hpp>
#include <prism/uid/scan.hpp>

namespace prism::setup {
namespace {

using gellish::FactBatch;
using gellish::Record;
using gellish::Table;

constexpr std::size_t kBatchRows = 1024;
constexpr std::size_t kBatchesUnderWay = 4;

/// A CSV file opened as a Gellish table.
class CsvTable {
 public:
  CsvTable(const CsvInput& input, gellish::IssueSink& issues)
      : rows_(sheet::open_csv(input.file)->rows(0)),
        table_(*rows_, {input.file.filename().string(), ""}, gellish::TableForm::csv, issues),
        check_(table_.header()) {}

  const gellish::Header& header() const { return table_.header(); }

  /// The next row that can be a fact; what can't is told to `issues`.
  bool next(Record& record, gellish::IssueSink& issues) {
    while (table_.next(record)) {
      const int fault = check_.fault(record);
      if (fault < 0) return true;
      issues.reject(check_.issue(table_, record, fault));
    }
    return false;
  }

 private:
  std::unique_ptr<sheet::RowReader> rows_;
  Table table_;
  gellish::RowCheck check_;
};

/// What the first pass learns of a file.
struct Scanned {
  CsvInput input;
  std::uint64_t facts = 0;
  uid::Scan scan;
  std::vector<uid::Temporary> temporaries;
};

/// What the second pass needs of it.
struct Planned {
  const Scanned* scanned;
  uid::Assigned assigned;
};

Scanned scan(const CsvInput& input, const ImportOptions& options, gellish::IssueSink& issues,
             Context& context) {
  CsvTable table(input, issues);
  Scanned scanned{input, 0, uid::Scan(table.header(), options.limits), {}};
  Record record;
  while (table.next(record, issues)) {
    scanned.scan.add(record);
    if (++scanned.facts % kBatchRows == 0) {
      context.cancel.check();
      context.progress.advance(kBatchRows);
    }
  }
  scanned.temporaries = scanned.scan.temporaries();
  return scanned;
}

std::vector<Scanned> scan_all(const ImportOptions& options, gellish::IssueSink& issues,
                              Context& context) {
  std::vector<Scanned> all;
  context.progress.begin("checking", 0, "facts");
  for (const CsvInput& input : options.files) all.push_back(scan(input, options, issues, context));
  context.progress.end();
  return all;
}

std::vector<uid::Assigned> assign(std::span<const Scanned> all, store::FactStore& store,
                                  const uid::Limits& limits, const uid::Highest& seen) {
  std::vector<uid::Request> requests;
  std::vector<std::string> workbooks;
  bool needed = false;
  for (const Scanned& scanned : all) {
    requests.push_back({scanned.input.workbook, scanned.temporaries, scanned.scan.blanks()});
    needed = needed || !scanned.scan.needs_nothing();
    workbooks.push_back(scanned.input.workbook);
  }
  if (!needed) return std::vector<uid::Assigned>(all.size());
  require_distinct(workbooks);
  return store.uids().assign(requests, limits, seen);
}

/// Makes facts of the files on a thread of its own and hands them over in batches.
class FactMaker {
 public:
  FactMaker(std::vector<Planned> plan, const uid::Limits& limits)
      : plan_(std::move(plan)), limits_(limits), thread_([this] { run(); }) {}

  ~FactMaker() {
    batches_.close();
    thread_.join();
  }
  FactMaker(const FactMaker&) = delete;
  FactMaker& operator=(const FactMaker&) = delete;

  /// Nothing after the last; throws what ended the thread.
  std::optional<FactBatch> next() {
    auto batch = batches_.pop();
    if (!batch && failure_) std::rethrow_exception(failure_);
    return batch;
  }

 private:
  void run() {
    try {
      for (Planned& planned : plan_) {
        if (!make(planned)) return;
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
    batches_.close();
  }

  bool make(Planned& planned) {
    gellish::NoIssues told_before;
    CsvTable table(planned.scanned->input, told_before);
    uid::Resolver resolver(table.header(), limits_, planned.scanned->temporaries,
                           std::move(planned.assigned));
    const gellish::FactBuilder builder(table.header());
    FactBatch batch(builder.layout());
    Record record;
    while (table.next(record, told_before)) {
      resolver.resolve(record);
      builder.add(record, batch);
      if (batch.rows() < kBatchRows) continue;
      if (!batches_.push(std::exchange(batch, FactBatch(builder.layout())))) return false;
    }
    return batch.rows() == 0 || batches_.push(std::move(batch));
  }

  std::vector<Planned> plan_;
  uid::Limits limits_;
  BoundedQueue<FactBatch> batches_{kBatchesUnderWay};
  std::exception_ptr failure_;  ///< written before the queue is closed, read after
  std::thread thread_;
};

void load(std::span<const Scanned> scanned, std::vector<uid::Assigned> assigned,
          const ImportOptions& options, store::Load& load, Context& context) {
  std::vector<Planned> plan;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < scanned.size(); ++i) {
    plan.push_back({&scanned[i], std::move(assigned[i])});
    total += scanned[i].facts;
  }
  context.progress.begin("importing", total, "facts");
  FactMaker maker(std::move(plan), options.limits);
  while (auto batch = maker.next()) {
    context.cancel.check();
    load.add(*batch);
    context.progress.advance(batch->rows());
  }
  context.progress.end();
}

}  // namespace

ImportResult import_csv(const ImportOptions& options, store::FactStore& store, Context& context) {
  IssueCollector issues(context.log, options.rejects_file);
  gellish::NoIssues told_before;
  gellish::IssueSink& sink = options.checked_before ? static_cast<gellish::IssueSink&>(told_before)
                                                    : issues;
  const auto scanned = scan_all(options, sink, context);
  issues.finish();
  require_none_rejected(issues, options.strict);

  uid::Highest seen;
  for (const Scanned& file : scanned) seen.meet(file.scan.highest());
  ImportResult result;
  const auto load_session = store.begin_load(options.on_conflict);
  auto assigned = assign(scanned, store, options.limits, seen);
  for (const uid::Assigned& file : assigned) result.uids_taken += file.taken;
  load(scanned, std::move(assigned), options, *load_session, context);
  if (!options.dry_run) load_session->commit(seen);
  result.facts = load_session->summary();
  result.rejected = issues.rejected();
  result.warnings = issues.warnings();
  if (issues.rejected() > 0) result.rejects_file = issues.rejects_file();
  return result;
}

}  // namespace prism::setup
