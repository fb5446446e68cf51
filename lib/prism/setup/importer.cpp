#include <exception>
#include <optional>
#include <thread>

#include <prism/base/queue.hpp>
#include <prism/gellish/fact_builder.hpp>
#include <prism/gellish/table.hpp>
#include <prism/setup/importer.hpp>
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

/// What the first pass learns of a file, and what it gets for the second.
struct Input {
  CsvInput file;
  std::optional<uid::Scan> scan;
  std::vector<uid::Temporary> temporaries;
  uid::Assigned assigned;
};

/// Makes facts of the files on a thread of its own and hands them over in batches.
class FactMaker {
 public:
  virtual ~FactMaker() = default;
  FactMaker(const FactMaker&) = delete;
  FactMaker& operator=(const FactMaker&) = delete;

  /// Nothing after the last; throws what ended the thread.
  std::optional<FactBatch> next() {
    auto batch = batches_.pop();
    if (!batch && failure_) std::rethrow_exception(failure_);
    return batch;
  }

 protected:
  FactMaker(std::vector<Input>& inputs, const uid::Limits& limits)
      : inputs_(inputs), limits_(limits) {}

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    batches_.close();
    if (thread_.joinable()) thread_.join();
  }

  /// False when no one takes batches any more.
  bool hand_over(FactBatch& batch) {
    return batches_.push(std::exchange(batch, FactBatch(batch.layout())));
  }

  const uid::Limits& limits() const { return limits_; }

 private:
  virtual bool make(Input& input) = 0;

  void run() {
    try {
      for (Input& input : inputs_) {
        if (!make(input)) break;
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
    batches_.close();
  }

  std::vector<Input>& inputs_;
  uid::Limits limits_;
  BoundedQueue<FactBatch> batches_{kBatchesUnderWay};
  std::exception_ptr failure_;  ///< written before the queue is closed, read after
  std::thread thread_;
};

/// Checks and scans the rows, and makes facts of them for as long as none needs a new UID.
class FirstPass : public FactMaker {
 public:
  FirstPass(std::vector<Input>& inputs, const uid::Limits& limits, gellish::IssueSink& issues,
            const Cancel& cancel)
      : FactMaker(inputs, limits), issues_(issues), cancel_(cancel) {
    start();
  }
  ~FirstPass() override { stop(); }

  /// Told after the last batch: whether some row needs a UID, so that the facts are not complete.
  bool needs_uids() const { return needs_uids_; }

 private:
  bool make(Input& input) override {
    CsvTable table(input.file, issues_);
    uid::Scan& scan = input.scan.emplace(table.header(), limits());
    const gellish::FactBuilder builder(table.header());
    FactBatch batch(builder.layout());
    Record record;
    while (table.next(record, issues_)) {
      if (record.row() % kBatchRows == 0) cancel_.check();
      scan.add(record);
      needs_uids_ = needs_uids_ || !scan.needs_nothing();
      if (needs_uids_) continue;
      builder.add(record, batch);
      if (batch.rows() == kBatchRows && !hand_over(batch)) return false;
    }
    return needs_uids_ || batch.rows() == 0 || hand_over(batch);
  }

  gellish::IssueSink& issues_;
  const Cancel& cancel_;
  bool needs_uids_ = false;  ///< read by the other thread once the queue is closed
};

/// Makes facts of all rows, with the UIDs that they were given.
class SecondPass : public FactMaker {
 public:
  SecondPass(std::vector<Input>& inputs, const uid::Limits& limits) : FactMaker(inputs, limits) {
    start();
  }
  ~SecondPass() override { stop(); }

 private:
  bool make(Input& input) override {
    gellish::NoIssues told_before;
    CsvTable table(input.file, told_before);
    uid::Resolver resolver(table.header(), limits(), input.temporaries, std::move(input.assigned));
    const gellish::FactBuilder builder(table.header());
    FactBatch batch(builder.layout());
    Record record;
    while (table.next(record, told_before)) {
      resolver.resolve(record);
      builder.add(record, batch);
      if (batch.rows() == kBatchRows && !hand_over(batch)) return false;
    }
    return batch.rows() == 0 || hand_over(batch);
  }
};

class Importer {
 public:
  Importer(const ImportOptions& options, store::FactStore& store, Context& context)
      : options_(options),
        store_(store),
        context_(context),
        issues_(context.log, options.rejects_file) {
    for (const CsvInput& file : options.files) inputs_.push_back({file, {}, {}, {}});
  }

  ImportResult run() {
    auto session = store_.begin_load(options_.on_conflict);
    if (!first_pass(*session)) {
      session.reset();
      session = store_.begin_load(options_.on_conflict);
      assign();
      SecondPass pass(inputs_, options_.limits);
      load_all(pass, *session);
    }
    const store::LoadSummary facts = session->finish();
    if (!options_.dry_run) session->commit(seen());
    return result(facts);
  }

 private:
  /// False when facts need UIDs first.
  bool first_pass(store::Load& session) {
    gellish::NoIssues told_before;
    FirstPass pass(
        inputs_, options_.limits,
        options_.checked_before ? static_cast<gellish::IssueSink&>(told_before) : issues_,
        context_.cancel);
    load_all(pass, session);
    issues_.finish();
    require_none_rejected(issues_, options_.strict);
    return !pass.needs_uids();
  }

  void load_all(FactMaker& maker, store::Load& session) {
    context_.progress.begin("importing", 0, "facts");
    while (auto batch = maker.next()) {
      context_.cancel.check();
      const std::size_t rows = batch->rows();
      session.add(std::move(*batch));
      context_.progress.advance(rows);
    }
    context_.progress.end();
  }

  void assign() {
    std::vector<uid::Request> requests;
    std::vector<std::string> workbooks;
    for (Input& input : inputs_) {
      input.temporaries = input.scan->temporaries();
      requests.push_back({input.file.workbook, input.temporaries, input.scan->blanks()});
      workbooks.push_back(input.file.workbook);
    }
    require_distinct(workbooks);
    auto assigned = store_.uids().assign(requests, options_.limits, seen());
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      taken_ += assigned[i].taken;
      inputs_[i].assigned = std::move(assigned[i]);
    }
  }

  uid::Highest seen() const {
    uid::Highest highest;
    for (const Input& input : inputs_) highest.meet(input.scan->highest());
    return highest;
  }

  ImportResult result(const store::LoadSummary& facts) const {
    ImportResult result;
    result.facts = facts;
    result.rejected = issues_.rejected();
    result.warnings = issues_.warnings();
    result.uids_taken = taken_;
    if (issues_.rejected() > 0) result.rejects_file = issues_.rejects_file();
    return result;
  }

  const ImportOptions& options_;
  store::FactStore& store_;
  Context& context_;
  IssueCollector issues_;
  std::vector<Input> inputs_;
  std::uint64_t taken_ = 0;
};

}  // namespace

ImportResult import_csv(const ImportOptions& options, store::FactStore& store, Context& context) {
  return Importer(options, store, context).run();
}

}  // namespace prism::setup
