#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>

#include <openssl/sha.h>

#include <prism/base/error.hpp>
#include <prism/uid/scan.hpp>

namespace prism::uid {
namespace {

ContentHash hash_of(const std::string& content) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  ContentHash hash;
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

}  // namespace

UidColumns::UidColumns(const gellish::Header& header) {
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    const gellish::Column& column = header.columns[i];
    if (column.kind != gellish::ValueKind::uid) continue;
    if (column.id == gellish::kFactColumn) fact = i;
    (gellish::is_identifying(column.id) ? identifying : references).push_back(i);
  }
}

std::size_t Scan::HashOfHash::operator()(const ContentHash& hash) const {
  std::size_t value;
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

Scan::Scan(const gellish::Header& header, const Limits& limits)
    : limits_(limits),
      columns_(header),
      by_id_(header.columns.size()),
      seen_(static_cast<std::size_t>(limits.temporary_end)) {
  for (const gellish::Column& column : header.columns) ids_.push_back(column.id);
  std::iota(by_id_.begin(), by_id_.end(), 0);
  std::sort(by_id_.begin(), by_id_.end(),
            [this](std::size_t a, std::size_t b) { return ids_[a] < ids_[b]; });
}

void Scan::add(const gellish::Record& record) {
  const auto& fields = record.fields();
  for (const std::size_t field : columns_.identifying) {
    if (fields[field].number > 0) meet(fields[field].number, true, field == columns_.fact);
  }
  for (const std::size_t field : columns_.references) {
    if (fields[field].number > 0) meet(fields[field].number, false, false);
  }
  if (fields[columns_.fact].text.empty()) add_blank(record);
}

void Scan::meet(Uid uid, bool identifying, bool fact) {
  if (!limits_.temporary(uid)) return highest_.meet(uid, limits_);
  if (!identifying) return;
  std::uint8_t& seen = seen_[static_cast<std::size_t>(uid)];
  seen = std::max<std::uint8_t>(seen, fact ? 2 : 1);
  any_temporary_ = true;
}

void Scan::add_blank(const gellish::Record& record) {
  std::string content;
  for (const std::size_t field : by_id_) {
    const std::string_view text = record.fields()[field].text;
    if (text.empty()) continue;
    content += std::to_string(ids_[field]);
    content += '\x1f';
    content += text;
    content += '\x1e';
  }
  const ContentHash hash = hash_of(content);
  blanks_.push_back({hash, occurrences_[hash]++});
}

std::vector<Temporary> Scan::temporaries() const {
  std::vector<Temporary> found;
  for (std::size_t number = 1; number < seen_.size(); ++number) {
    if (seen_[number] == 0) continue;
    found.push_back({static_cast<Uid>(number), seen_[number] == 2 ? Kind::fact : Kind::entity});
  }
  return found;
}

Resolver::Resolver(const gellish::Header& header, const Limits& limits,
                   std::span<const Temporary> temporaries, Assigned assigned)
    : columns_(header),
      permanent_(static_cast<std::size_t>(limits.temporary_end)),
      blanks_(std::move(assigned.blanks)) {
  for (std::size_t i = 0; i < temporaries.size(); ++i) {
    permanent_[static_cast<std::size_t>(temporaries[i].number)] = assigned.temporaries[i];
  }
}

void Resolver::resolve(gellish::Record& record) {
  if (record.fields()[columns_.fact].text.empty()) {
    if (next_blank_ == blanks_.size()) {
      throw Error(ErrorCode::bad_data, "the input was changed while it was read",
                  "run the command again");
    }
    record.set_number(columns_.fact, blanks_[next_blank_++]);
  }
  for (const std::size_t field : columns_.identifying) replace(record, field);
  for (const std::size_t field : columns_.references) replace(record, field);
}

void Resolver::replace(gellish::Record& record, std::size_t field) const {
  const std::int64_t number = record.fields()[field].number;
  if (number <= 0 || number >= static_cast<std::int64_t>(permanent_.size())) return;
  const Uid permanent = permanent_[static_cast<std::size_t>(number)];
  if (permanent != 0) record.set_number(field, permanent);
}

}  // namespace prism::uid
