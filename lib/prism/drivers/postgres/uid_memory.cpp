#include <fmt/format.h>

#include <prism/drivers/postgres/copy_writer.hpp>
#include <prism/drivers/postgres/uid_memory.hpp>

namespace prism::postgres {
namespace {

constexpr const char* kAskedTable =
    "CREATE TEMP TABLE IF NOT EXISTS prism_asked_uid (position bigint, workbook text, kind text, "
    "number bigint, content bytea, occurrence bigint) ON COMMIT DROP";
constexpr const char* kCopyTemporaries =
    "COPY pg_temp.prism_asked_uid (position, workbook, kind, number) FROM STDIN (FORMAT binary)";
constexpr const char* kCopyBlanks =
    "COPY pg_temp.prism_asked_uid (position, workbook, content, occurrence) "
    "FROM STDIN (FORMAT binary)";

}  // namespace

UidMemory::UidMemory(BulkConnection& connection, std::string schema)
    : connection_(connection), schema_(std::move(schema)) {
  connection_.execute(kAskedTable);
}

std::vector<uid::Assigned> UidMemory::recall(std::span<const uid::Request> requests) {
  std::vector<uid::Assigned> all(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    all[i].temporaries.resize(requests[i].temporaries.size());
    all[i].blanks.resize(requests[i].blanks.size());
    recall_temporaries(requests[i], all[i]);
    recall_blanks(requests[i], all[i]);
  }
  return all;
}

void UidMemory::recall_temporaries(const uid::Request& request, uid::Assigned& assigned) {
  if (request.temporaries.empty()) return;
  CopyWriter copy(connection_, kCopyTemporaries);
  for (std::size_t i = 0; i < request.temporaries.size(); ++i) {
    copy.begin_row(4);
    copy.add_bigint(static_cast<std::int64_t>(i));
    copy.add_text(request.workbook);
    copy.add_text(uid::kind_name(request.temporaries[i].kind));
    copy.add_bigint(request.temporaries[i].number);
  }
  copy.end();
  find(
      fmt::format("SELECT a.position, m.uid FROM pg_temp.prism_asked_uid a JOIN {}.uid_temporary m "
                  "USING (workbook, kind, number)",
                  schema_),
      assigned.temporaries);
}

void UidMemory::recall_blanks(const uid::Request& request, uid::Assigned& assigned) {
  if (request.blanks.empty()) return;
  CopyWriter copy(connection_, kCopyBlanks);
  for (std::size_t i = 0; i < request.blanks.size(); ++i) {
    copy.begin_row(4);
    copy.add_bigint(static_cast<std::int64_t>(i));
    copy.add_text(request.workbook);
    copy.add_bytes(request.blanks[i].content);
    copy.add_bigint(request.blanks[i].occurrence);
  }
  copy.end();
  find(fmt::format("SELECT a.position, m.uid FROM pg_temp.prism_asked_uid a JOIN {}.uid_blank m "
                   "USING (workbook, content, occurrence)",
                   schema_),
       assigned.blanks);
}

/// Takes the rows (position, UID) of a query, and empties the table of what was asked.
void UidMemory::find(const std::string& sql, std::vector<Uid>& uids) {
  connection_.execute("ANALYZE pg_temp.prism_asked_uid");
  connection_.copy_out(fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", sql),
                       [&](std::string_view bytes) {
                         CopyRow row(bytes);
                         if (!row.begin(2)) return;
                         const auto position = static_cast<std::size_t>(row.bigint());
                         if (position < uids.size()) uids[position] = row.bigint();
                       });
  connection_.execute("TRUNCATE pg_temp.prism_asked_uid");
}

void UidMemory::remember(std::span<const uid::Request> requests,
                         const std::vector<uid::Assigned>& known,
                         const std::vector<uid::Assigned>& assigned) {
  CopyWriter temporaries(connection_,
                         fmt::format("COPY {}.uid_temporary (workbook, kind, number, uid) "
                                     "FROM STDIN (FORMAT binary)",
                                     schema_));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (std::size_t k = 0; k < requests[i].temporaries.size(); ++k) {
      if (known[i].temporaries[k] != 0) continue;
      temporaries.begin_row(4);
      temporaries.add_text(requests[i].workbook);
      temporaries.add_text(uid::kind_name(requests[i].temporaries[k].kind));
      temporaries.add_bigint(requests[i].temporaries[k].number);
      temporaries.add_bigint(assigned[i].temporaries[k]);
    }
  }
  temporaries.end();
  CopyWriter blanks(connection_,
                    fmt::format("COPY {}.uid_blank (workbook, content, occurrence, uid) "
                                "FROM STDIN (FORMAT binary)",
                                schema_));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (std::size_t k = 0; k < requests[i].blanks.size(); ++k) {
      if (known[i].blanks[k] != 0) continue;
      blanks.begin_row(4);
      blanks.add_text(requests[i].workbook);
      blanks.add_bytes(requests[i].blanks[k].content);
      blanks.add_bigint(requests[i].blanks[k].occurrence);
      blanks.add_bigint(assigned[i].blanks[k]);
    }
  }
  blanks.end();
}

}  // namespace prism::postgres
