#include <algorithm>
#include <memory>
#include <string>

#include <prism/base/date.hpp>
#include <prism/cache/builder.hpp>

namespace prism::cache {
namespace {

constexpr std::uint64_t kProgressBatch = 1024;
constexpr std::size_t kLoggedUids = 20;

std::vector<Family> in_order(std::vector<Family> families) {
  std::sort(families.begin(), families.end());
  families.erase(std::unique(families.begin(), families.end()), families.end());
  if (families.empty()) {
    throw Error(ErrorCode::usage, "no family to rebuild", "name some of facts, lineage, subtypes");
  }
  return families;
}

std::string listed(const std::vector<Uid>& uids) {
  std::string text;
  const std::size_t shown = std::min(uids.size(), kLoggedUids);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + std::to_string(uids[i]);
  if (shown < uids.size()) text += " and " + std::to_string(uids.size() - shown) + " more";
  return text;
}

void warn(Log& log, const std::vector<Uid>& uids, const std::string& what) {
  if (uids.empty()) return;
  log.warning(std::to_string(uids.size()) + (uids.size() == 1 ? " entity " : " entities ") + what +
              ": " + listed(uids));
}

/// Puts the values of one family: counts them, tells progress, asks whether to stop.
class FamilyWriter {
 public:
  FamilyWriter(CacheSink& sink, const Context& context, Family family, std::uint64_t total)
      : sink_(sink), context_(context), family_(family) {
    context_.progress.begin(family_name(family), total, "entities");
  }
  FamilyWriter(const FamilyWriter&) = delete;
  FamilyWriter& operator=(const FamilyWriter&) = delete;
  ~FamilyWriter() {
    context_.progress.advance(count_.keys % kProgressBatch);
    context_.progress.end();
  }

  void put(Uid entity, std::span<const Uid> members) {
    context_.cancel.check();
    sink_.put(family_, entity, members);
    count_.members += members.size();
    if (++count_.keys % kProgressBatch == 0) context_.progress.advance(kProgressBatch);
  }

  const FamilyCount& count() const { return count_; }

 private:
  CacheSink& sink_;
  const Context& context_;
  Family family_;
  FamilyCount count_;
};

/// The supertypes, read when a family first needs them.
struct Ancestry {
  Ancestry(Taxonomy read, const Cancel& cancel)
      : taxonomy(std::move(read)), lines(taxonomy, cancel) {}
  Ancestry(const Ancestry&) = delete;
  Ancestry& operator=(const Ancestry&) = delete;

  Taxonomy taxonomy;
  Linearization lines;
};

class Rebuild {
 public:
  Rebuild(store::FactReader& reader, CacheSink& sink, const BuildOptions& options,
          const Context& context)
      : reader_(reader),
        sink_(sink),
        options_(options),
        context_(context),
        families_(in_order(options.families)) {}

  BuildReport run() {
    begin();
    for (const Family family : families_) timed_build(family);
    report_.meta.finished = now();
    context_.cancel.check();
    sink_.commit(report_.meta);
    return std::move(report_);
  }

 private:
  void begin() {
    report_.meta = sink_.meta().value_or(Meta{});
    ++report_.meta.generation;
    report_.meta.unfinished.clear();
    report_.meta.started = now();
    const bool all = families_.size() == kFamilies.size();
    const std::int64_t watermark = reader_.watermark();
    report_.meta.watermark = all ? watermark : std::min(report_.meta.watermark, watermark);
    sink_.begin(families_);
  }

  void timed_build(Family family) {
    const auto begin = std::chrono::steady_clock::now();
    if (options_.on_family) options_.on_family(family);
    report_.meta.count(family) = build(family);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    report_.seconds[static_cast<std::size_t>(family)] = taken.count();
  }

  FamilyCount build(Family family) {
    switch (family) {
      case Family::facts:
        return put_facts();
      case Family::lineage:
        return put_lineage();
      case Family::subtypes:
        break;
    }
    return put_subtypes();
  }

  FamilyCount put_facts() {
    FamilyWriter writer(sink_, context_, Family::facts, 0);
    Uid current = 0;
    std::vector<Uid> facts;
    reader_.each_membership([&](Uid entity, Uid fact) {
      if (entity != current && !facts.empty()) {
        writer.put(current, facts);
        facts.clear();
      }
      current = entity;
      facts.push_back(fact);
    });
    if (!facts.empty()) writer.put(current, facts);
    return writer.count();
  }

  FamilyCount put_lineage() {
    Ancestry& ancestry = this->ancestry();
    const Taxonomy& taxonomy = ancestry.taxonomy;
    FamilyWriter writer(sink_, context_, Family::lineage, entities_with_parents(taxonomy));
    std::vector<EntityIndex> lineage;
    std::vector<Uid> uids;
    for (EntityIndex entity = 0; entity < taxonomy.size(); ++entity) {
      if (taxonomy.parents(entity).empty()) continue;
      lineage.clear();
      ancestry.lines.append(entity, lineage);
      uids.clear();
      for (const EntityIndex member : lineage) uids.push_back(taxonomy.uid(member));
      writer.put(taxonomy.uid(entity), uids);
    }
    return writer.count();
  }

  FamilyCount put_subtypes() {
    Ancestry& ancestry = this->ancestry();
    Subtypes subtypes(ancestry.taxonomy, ancestry.lines, context_.cancel);
    FamilyWriter writer(sink_, context_, Family::subtypes, subtypes.keys());
    subtypes.each(
        [&](EntityIndex supertype, std::span<const Uid> members) {
          writer.put(ancestry.taxonomy.uid(supertype), members);
        },
        options_.subtypes_held);
    return writer.count();
  }

  Ancestry& ancestry() {
    if (!ancestry_) {
      ancestry_ = std::make_unique<Ancestry>(read_taxonomy(), context_.cancel);
      report_ancestry();
    }
    return *ancestry_;
  }

  Taxonomy read_taxonomy() {
    TaxonomyBuilder builder;
    reader_.each_specialization([&](Uid, Uid subtype, Uid supertype) {
      context_.cancel.check();
      builder.add(subtype, supertype);
    });
    return builder.build();
  }

  void report_ancestry() {
    report_.entities = ancestry_->taxonomy.size();
    report_.edges = ancestry_->taxonomy.edges();
    report_.cyclic = ancestry_->lines.cyclic();
    report_.inconsistent = ancestry_->lines.inconsistent();
    warn(context_.log, report_.cyclic,
         "in a cycle of specializations (lineage is breadth first; an edge to itself is ignored)");
    warn(context_.log, report_.inconsistent,
         "whose supertypes have no consistent order (lineage is breadth first)");
  }

  static std::uint64_t entities_with_parents(const Taxonomy& taxonomy) {
    std::uint64_t count = 0;
    for (EntityIndex entity = 0; entity < taxonomy.size(); ++entity) {
      if (!taxonomy.parents(entity).empty()) ++count;
    }
    return count;
  }

  std::string now() const {
    return format_utc(options_.clock ? options_.clock() : std::chrono::system_clock::now());
  }

  store::FactReader& reader_;
  CacheSink& sink_;
  const BuildOptions& options_;
  const Context& context_;
  std::vector<Family> families_;
  std::unique_ptr<Ancestry> ancestry_;
  BuildReport report_;
};

}  // namespace

BuildReport rebuild(store::FactReader& reader, CacheSink& sink, const BuildOptions& options,
                    const Context& context) {
  return Rebuild(reader, sink, options, context).run();
}

}  // namespace prism::cache
