#include "support/postgres_target.hpp"

#include <random>
#include <stdexcept>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/scratch_database.hpp>
#include <prism/drivers/postgres/tools.hpp>

#include "support/process.hpp"

namespace prism::test {
namespace {

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

void execute_alone(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(sql);
}

std::string first_text(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  const pqxx::result result = work.exec(sql);
  return result.empty() ? "" : result[0][0].as<std::string>("NULL");
}

/// Each run of pg_dump has its own key in them.
std::string without_keys(const std::string& dump) {
  std::string kept;
  for (std::size_t at = 0; at < dump.size();) {
    const std::size_t end = std::min(dump.size(), dump.find('\n', at));
    const std::string_view line = std::string_view(dump).substr(at, end - at);
    if (!line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")) {
      kept += std::string(line) + "\n";
    }
    at = end + 1;
  }
  return kept;
}

constexpr const char* kContent = R"sql(
CREATE EXTENSION citext;
CREATE SCHEMA "odd.schema";
CREATE SCHEMA "Say ""Hi""";
CREATE TYPE public.mood AS ENUM ('good', 'bad; COPY');
CREATE TABLE public.plain (id bigserial PRIMARY KEY, name citext UNIQUE, photo bytea,
  size int GENERATED ALWAYS AS (octet_length(photo)) STORED, mood public.mood);
INSERT INTO public.plain (name, photo, mood)
  SELECT 'name ' || i, decode(md5(i::text), 'hex'), 'good' FROM generate_series(1, 3000) i;
INSERT INTO public.plain (name) VALUES (E'\\.'), (E'a\n\\.\nb\tc'), ('COPY x FROM stdin;'), (NULL);
CREATE TABLE "odd.schema"."Tab ""le; -- '" ("Col "" umn" text, "select" int);
INSERT INTO "odd.schema"."Tab ""le; -- '" VALUES (E'\\.', 1), ('', NULL), (NULL, 2);
CREATE TABLE "odd.schema"."two
lines" (x int);
INSERT INTO "odd.schema"."two
lines" VALUES (1);
CREATE TABLE "Say ""Hi"""."ä ö" (x text);
CREATE TABLE public.single (line text);
INSERT INTO public.single VALUES (E'\\.'), (''), (NULL), (E'\\\\.');
CREATE TABLE public.no_columns ();
INSERT INTO public.no_columns SELECT FROM generate_series(1, 5);
CREATE TABLE public.parent (id int PRIMARY KEY, plain bigint REFERENCES public.plain);
CREATE TABLE public.child (more text) INHERITS (public.parent);
INSERT INTO public.parent VALUES (1, 1), (2, 2);
INSERT INTO public.child VALUES (3, 3, 'x');
CREATE TABLE public.event (at date, what text) PARTITION BY RANGE (at);
CREATE TABLE public.event_2025 PARTITION OF public.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE public.event_rest PARTITION OF public.event DEFAULT;
CREATE INDEX event_what ON public.event (what);
INSERT INTO public.event SELECT '2025-12-01'::date + i, 'day ' || i FROM generate_series(1, 60) i;
CREATE UNLOGGED TABLE public.unlogged (x int);
INSERT INTO public.unlogged VALUES (1);
CREATE SEQUENCE "odd.schema"."Seq'uence" START 17;
SELECT nextval('"odd.schema"."Seq''uence"');
CREATE VIEW public.seen AS SELECT id, name FROM public.plain WHERE id < 10;
CREATE MATERIALIZED VIEW public.kept AS SELECT mood, count(*) AS n FROM public.plain GROUP BY mood;
CREATE FUNCTION public.twice(x int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  -- a line that looks like another:
  RETURN 2 * x; /*
COPY public.plain (id) FROM stdin;
*/
END $body$;
CREATE FUNCTION public.forget() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN RAISE EXCEPTION ''no deletes''; END';
CREATE TRIGGER keep BEFORE DELETE ON public.parent FOR EACH ROW EXECUTE FUNCTION public.forget();
ALTER TABLE public.plain ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON public.plain TO {reader} USING (id < 100);
COMMENT ON TABLE public.plain IS 'it''s; plain';
ALTER TABLE public.plain OWNER TO {role};
ALTER TABLE public.event OWNER TO {role};
GRANT SELECT ON public.plain TO {reader};
GRANT USAGE ON SCHEMA "odd.schema" TO {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {role} GRANT SELECT ON TABLES TO {reader};
SELECT lo_from_bytea(424242, 'large one'), lo_from_bytea(424243, decode(repeat('00ff', 40000), 'hex'));
SELECT lo_create(424244);
COMMENT ON LARGE OBJECT 424242 IS 'first';
GRANT SELECT ON LARGE OBJECT 424243 TO {reader};
ALTER DATABASE {database} SET search_path TO public, "odd.schema";
ALTER DATABASE {database} SET work_mem = '5MB';
ALTER DATABASE {database} CONNECTION LIMIT 77;
ALTER ROLE {role} IN DATABASE {database} SET work_mem = '6MB';
COMMENT ON DATABASE {database} IS 'ON DATABASE x; it''s odd';
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {reader};
GRANT ALL ON DATABASE {database} TO {role} WITH GRANT OPTION;
SET SESSION AUTHORIZATION {role};
GRANT CREATE ON DATABASE {database} TO {reader};
RESET SESSION AUTHORIZATION;
)sql";

constexpr const char* kChanges = R"sql(
ALTER TABLE public.parent DISABLE TRIGGER keep;
DELETE FROM public.plain WHERE id % 3 = 0 AND id > 10;
UPDATE public.plain SET photo = 'x' WHERE id = 1;
DROP TABLE IF EXISTS "odd.schema"."Tab ""le; -- '";
CREATE TABLE IF NOT EXISTS public.newer (x int);
INSERT INTO public.newer VALUES (1);
SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = 424242;
DROP VIEW IF EXISTS public.seen;
ALTER DATABASE {database} RESET work_mem;
ALTER DATABASE {database} SET datestyle = 'German';
COMMENT ON DATABASE {database} IS 'changed';
GRANT CONNECT ON DATABASE {database} TO PUBLIC;
)sql";

}  // namespace

PostgresTarget::PostgresTarget(const std::string& server) : server_(server) {
  const std::string hex = fmt::format("{:08x}", std::random_device()());
  name_ = "Odd \"näme\" it's " + hex;
  role_ = "owner \"of\" " + hex;
  reader_ = "database_" + hex;
  execute_outside("CREATE ROLE " + postgres::quoted_name(role_));
  execute_outside("CREATE ROLE " + postgres::quoted_name(reader_));
  execute_outside("CREATE DATABASE " + postgres::quoted_name(name_) +
                  " TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' OWNER " +
                  postgres::quoted_name(role_));
  execute(kContent);
}

PostgresTarget::~PostgresTarget() {
  try {
    remove();
    for (const std::string& database : leftovers()) {
      execute_outside("DROP DATABASE IF EXISTS " + postgres::quoted_name(database) +
                      " WITH (FORCE)");
    }
    execute_outside("DROP ROLE " + postgres::quoted_name(role_));
    execute_outside("DROP ROLE " + postgres::quoted_name(reader_));
  } catch (const std::exception&) {
    // The server is gone, and the database with it.
  }
}

postgres::ComponentOptions PostgresTarget::options() const {
  return {.url = url(), .scratch_folder = folder_.path()};
}

std::string PostgresTarget::url_of(const std::string& database) const {
  return with_database(server_, percent_encoded(database));
}

void PostgresTarget::execute(const std::string& sql) const {
  std::string text = sql;
  const auto put = [&](const std::string& what, const std::string& name) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
      text.replace(at, what.size(), postgres::quoted_name(name));
    }
  };
  put("{database}", name_);
  put("{role}", role_);
  put("{reader}", reader_);
  pqxx::connection connection(url());
  pqxx::work work(connection);
  work.exec(text);
  work.commit();
}

void PostgresTarget::execute_outside(const std::string& sql) const { execute_alone(server_, sql); }

std::string PostgresTarget::text(const std::string& sql) const { return first_text(url(), sql); }

std::string PostgresTarget::text_outside(const std::string& sql) const {
  return first_text(server_, sql);
}

std::vector<std::string> PostgresTarget::leftovers() const {
  pqxx::connection connection(server_);
  pqxx::nontransaction work(connection);
  std::vector<std::string> names;
  for (const auto& row : work.exec("SELECT datname FROM pg_database")) {
    auto name = row[0].as<std::string>();
    if (postgres::hex_of(name, name_)) names.push_back(std::move(name));
  }
  return names;
}

std::string PostgresTarget::state() {
  Launch launch;
  launch.program = postgres::find_tool("pg_dump", {}, {}, Cancel()).program;
  launch.arguments = {"--create", "--dbname=" + url()};
  const Ended ended = run(launch);
  if (ended.code != 0) throw std::runtime_error("pg_dump: " + ended.err);
  return without_keys(ended.out) +
         text("SELECT string_agg(k::text, '|' ORDER BY k::text) FROM public.kept k");
}

void PostgresTarget::change() { execute(kChanges); }

bool PostgresTarget::damage() {
  execute_outside("ALTER DATABASE " + postgres::quoted_name(name_) + " ALLOW_CONNECTIONS false");
  return true;
}

void PostgresTarget::remove() {
  execute_outside("DROP DATABASE IF EXISTS " + postgres::quoted_name(name_) + " WITH (FORCE)");
}

}  // namespace prism::test
