#include <map>

#include <prism/setup/system_env.hpp>

namespace prism::setup {
namespace {

// `<NAME>` stands for a password, the same wherever the name is.

constexpr std::string_view kRelica = R"(# The graph
NEO4J_URI=bolt://localhost:7687
NEO4J_USER=neo4j
NEO4J_PASSWORD=<graph>
NEO4J_BATCH_SIZE=1000
NEO4J_TIMEOUT=30000
NEO4J_MAX_CONNECTIONS=50

# The cache
REDIS_URL=redis://localhost:6379
REDIS_PASSWORD=<cache>
REDIS_TIMEOUT=5000
REDIS_POOL_SIZE=20
CACHE_BATCH_SIZE=5000
CACHE_DEBUG_LOGGING=false

# Users
POSTGRES_HOST=localhost
POSTGRES_PORT=5432
POSTGRES_USER=relica
POSTGRES_PASSWORD=<users>
POSTGRES_DB=relica

# Workbooks and UIDs; PRISM_NEO4J_IMPORT_DIR is the folder that the server of the graph imports from
PRISM_PORT=3005
PRISM_SEED_XLS_DIR=./seed_xls
PRISM_CSV_OUTPUT_DIR=./seed_csv
#PRISM_NEO4J_IMPORT_DIR=/var/lib/neo4j/import
PRISM_MIN_FREE_UID=1000000000
PRISM_MIN_FREE_FACT_UID=2000000000
PRISM_MAX_TEMP_UID=1000
LOG_LEVEL=info
)";

constexpr std::string_view kPrism =
    R"(# Two databases, prism_auth on port 5432 and prism_ops on port 5433, both of the user prism
POSTGRES_AUTH_PASSWORD=<auth>
POSTGRES_OPS_PASSWORD=<ops>

# The cache
REDIS_PASSWORD=<cache>
PRISM_REDIS_ADDRESS=localhost:6379
PRISM_REDIS_PASSWORD=<cache>

# Objects, in the bucket prism-backups on port 9000
MINIO_ROOT_USER=<objects_user>
MINIO_ROOT_PASSWORD=<objects>

# Services
PRISM_AUTH_GRPC_ADDRESS=localhost:50051
PRISM_CONFIG_GRPC_ADDRESS=localhost:50052
)";

constexpr std::string_view kIntercept =
    R"(DATABASE_URL=postgresql://intercept:<store>@localhost:5432/intercept?schema=public
POSTGRES_USER=intercept
POSTGRES_PASSWORD=<store>
POSTGRES_DB=intercept
)";

constexpr std::string_view kClarity = R"(POSTGRES_HOST=localhost
POSTGRES_PORT=5432
POSTGRES_USER=clarity
POSTGRES_PASSWORD=<store>
POSTGRES_DB=clarity
POSTGRES_MAX_CONNECTIONS=50
POSTGRES_IDLE_TIMEOUT=10000
POSTGRES_CONNECTION_TIMEOUT=5000

# The service, and the one that it asks
RELICA_CLARITY_API_PORT=3001
ARCHIVIST_URL=http://localhost:3000
ARCHIVIST_TIMEOUT=30000
ARCHIVIST_RETRY_ATTEMPTS=3
LOG_LEVEL=info
LOG_FORMAT=json
)";

constexpr std::string_view kHbi = R"(ENVIRONMENT=production
DATABASE_URL=sqlite:///./data/database/prod.db

# The queue
REDIS_URL=redis://:<queue>@localhost:6379/0

# Objects
MINIO_ENDPOINT=http://localhost:9000
MINIO_BUCKET_NAME=books
MINIO_ROOT_USER=<objects_user>
MINIO_ROOT_PASSWORD=<objects>

# The graph
NEO4J_URI=bolt://localhost:7687
NEO4J_PASSWORD=<graph>
)";

std::string_view template_of(System system) {
  switch (system) {
    case System::relica:
      return kRelica;
    case System::prism:
      return kPrism;
    case System::intercept:
      return kIntercept;
    case System::clarity:
      return kClarity;
    case System::hbi:
      break;
  }
  return kHbi;
}

}  // namespace

std::string_view system_name(System system) {
  constexpr std::array<std::string_view, kSystems.size()> kNames{"relica", "prism", "intercept",
                                                                 "clarity", "hbi"};
  return kNames[static_cast<std::size_t>(system)];
}

std::string make_system_env(System system, const std::function<std::string()>& password) {
  std::map<std::string, std::string, std::less<>> passwords;
  std::string text;
  for (std::string_view rest = template_of(system); !rest.empty();) {
    const auto begin = std::min(rest.find('<'), rest.size());
    text += rest.substr(0, begin);
    rest.remove_prefix(begin);
    if (rest.empty()) break;
    const auto end = rest.find('>');
    const auto [entry, added] = passwords.try_emplace(std::string(rest.substr(1, end - 1)));
    if (added) entry->second = password();
    text += entry->second;
    rest.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace prism::setup
