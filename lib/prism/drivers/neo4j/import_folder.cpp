#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/import_folder.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "prismctl-";
constexpr std::string_view kHint =
    "PRISM_NEO4J_IMPORT_DIR must be the folder that the server imports from "
    "(server.directories.import there), on this machine or shared with it";

/// The server is another user, whatever our umask.
void let_everyone_read(const fs::path& path, fs::perms search = fs::perms::none) {
  fs::permissions(path, fs::perms::group_read | fs::perms::others_read | search,
                  fs::perm_options::add);
}

const fs::path& checked(const fs::path& folder) {
  if (folder.empty()) {
    throw Error(ErrorCode::configuration, "no folder that Neo4j imports from is named",
                "set PRISM_NEO4J_IMPORT_DIR, or load --via bolt");
  }
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::configuration, folder.string() + ": there is no such folder",
                std::string(kHint));
  }
  return folder;
}

}  // namespace

ImportFolder::ImportFolder(Connections& connections)
    : folder_(checked(connections.settings().import_dir), kPrefix) {
  let_everyone_read(folder_.path(), fs::perms::group_exec | fs::perms::others_exec);
  // Another server may have a folder of the same name: what it reads must be what we wrote.
  const std::string word = random_name();
  ImportFile probe(file("probe"));
  probe.writer().buffer() = '"' + word + "\\\\\"\n";
  probe.writer().close();
  const std::string read = read_back(connections);
  backslash_escapes_ = read == word + '\\';
  if (backslash_escapes_ || read == word + "\\\\") return;
  throw Error(ErrorCode::configuration,
              connections.address().text() + ": the server reads other files than those in " +
                  folder_.path().parent_path().string(),
              std::string(kHint));
}

std::string ImportFolder::read_back(Connections& connections) const {
  Parameters parameters(1);
  parameters.text("file", url("probe"));
  std::string read;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    transaction.run({"LOAD CSV FROM $file AS line RETURN line[0]", parameters.bytes()},
                    [&](Unpacker& fields) { read = fields.string(); });
  });
  return read;
}

std::string ImportFolder::url(const std::string& name) const {
  return "file:///" + folder_.path().filename().string() + "/" + name;
}

ImportFile::ImportFile(const fs::path& file) : file_(file), writer_(file) {
  let_everyone_read(file);
}

ImportFile::~ImportFile() {
  std::error_code ignored;
  fs::remove(file_, ignored);
}

}  // namespace prism::neo4j
