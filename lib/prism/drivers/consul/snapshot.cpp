#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include <archive_entry.h>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/tar_stream.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/consul/gunzip.hpp>
#include <prism/drivers/consul/snapshot.hpp>

namespace prism::consul {
namespace {

constexpr const char* kMeta = "meta.json";
constexpr const char* kState = "state.bin";
constexpr const char* kSums = "SHA256SUMS";

/// Of the two files that are small.
constexpr std::size_t kMostText = std::size_t{1} << 20;

Error damage(const std::string& what) { return {ErrorCode::bad_data, "Consul snapshot: " + what}; }

/// The name of an entry that must be a plain file.
std::string name_of(archive_entry* entry) {
  const char* const name = archive_entry_pathname(entry);
  if (name == nullptr || *name == '\0' || archive_entry_filetype(entry) != AE_IFREG ||
      archive_entry_hardlink(entry) != nullptr) {
    throw damage("an entry of the tar archive is no plain file");
  }
  return name;
}

/// The content of the tar archive's current file, which is hashed as it is read.
class HashedFile : public ByteSource {
 public:
  explicit HashedFile(TarStream& tar) : tar_(tar) {}

  std::size_t read(std::span<char> into) override {
    if (left_.empty()) {
      left_ = tar_.content();
      hash_.add(left_);
    }
    const std::size_t size = std::min(into.size(), left_.size());
    if (size > 0) std::memcpy(into.data(), left_.data(), size);
    left_.remove_prefix(size);
    return size;
  }

  std::string sum() { return hash_.hex(); }

 private:
  TarStream& tar_;
  Sha256 hash_;
  std::string_view left_;
};

std::string text_of(ByteSource& file, const std::string& name) {
  std::string text;
  std::array<char, 4096> piece{};
  while (const std::size_t got = file.read(piece)) {
    text.append(piece.data(), got);
    if (text.size() > kMostText) throw damage(name + " is too large");
  }
  return text;
}

class SnapshotReader {
 public:
  SnapshotReader(ByteSource& snapshot, const SurveyOptions& options, const Cancel& cancel)
      : packed_(snapshot), tar_(packed_, cancel), options_(options), cancel_(cancel) {}

  Survey read() {
    while (archive_entry* const entry = tar_.next()) read_file(name_of(entry));
    check_sums();
    return std::move(survey_);
  }

 private:
  void read_file(const std::string& name) {
    if (sums_.contains(name)) throw damage("there are two of " + in_quotes(name));
    HashedFile file(tar_);
    if (name == kState) {
      survey_ = survey_state(file, options_, cancel_);
    } else if (name == kMeta) {
      text_of(file, name);
    } else if (name == kSums) {
      listed_ = text_of(file, name);
    } else {
      throw damage(in_quotes(name) + " was not expected in it");
    }
    sums_[name] = file.sum();
  }

  void check_sums() {
    std::map<std::string, std::string> expected;
    std::string_view rest = listed_;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      add_line(rest.substr(0, end), expected);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const char* const name : {kMeta, kState, kSums}) {
      if (!sums_.contains(name)) throw damage(std::string(name) + " is missing");
    }
    sums_.erase(kSums);
    if (expected != sums_)
      throw damage("the sums of SHA256SUMS are others than those of its files");
  }

  static void add_line(std::string_view line, std::map<std::string, std::string>& sums) {
    constexpr std::size_t kDigits = 64;
    if (line.size() < kDigits + 3 || line.substr(kDigits, 2) != "  ") {
      throw damage("SHA256SUMS has a line that is none");
    }
    sums[std::string(line.substr(kDigits + 2))] = line.substr(0, kDigits);
  }

  Gunzip packed_;
  TarStream tar_;
  const SurveyOptions& options_;
  const Cancel& cancel_;
  Survey survey_;
  std::string listed_;
  std::map<std::string, std::string> sums_;
};

}  // namespace

Survey read_snapshot(ByteSource& snapshot, const SurveyOptions& options, const Cancel& cancel) {
  return SnapshotReader(snapshot, options, cancel).read();
}

}  // namespace prism::consul
