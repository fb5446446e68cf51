# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016

services+=(postgres)

postgres_help='
  PRISM_TEST_POSTGRES           URL of a superuser, by TCP; TLS is offered, not required
  PRISM_TEST_POSTGRES_SOCKET    folder of its Unix socket (host= of libpq; same port)
  PRISM_TEST_TLS_DIR            also of redis-tls: ca.crt, server.crt (localhost, 127.0.0.1, ::1),
                                wrong-host.crt, expired.crt, client.crt (of the role prism_cert),
                                other-ca.crt and their .key'

postgres_stop_signal=INT  # "fast": sessions are ended, not waited for

# postgres_program NAME: the newest version's, which Debian keeps out of PATH.
postgres_program() {
  local -a found
  mapfile -t found < <(printf '%s\n' /usr/lib/postgresql/*/bin/"$1" | sort -V)
  if [[ -x ${found[-1]} ]]; then echo "${found[-1]}"; else command -v "$1"; fi
}

postgres_is_installed() {
  { postgres_program initdb && postgres_program postgres && command -v psql openssl; } >/dev/null
}

postgres_start() {
  local home port password
  home=$(make_home postgres user)
  port=$(free_port)
  password=$(random_password)
  postgres_initdb "$home" "$password"
  copy_tls "$home"
  postgres_config "$home" "$port" >>"$home/data/postgresql.conf"
  postgres_hba | write_config "$home/data/pg_hba.conf"
  offer PRISM_TEST_POSTGRES "postgresql://prism:$password@127.0.0.1:$port/postgres"
  offer PRISM_TEST_POSTGRES_SOCKET "$home"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  spawn postgres "${as_server_user[@]}" "$(postgres_program postgres)" -D "$home/data"
  await postgres
  postgres_query 'CREATE ROLE prism_cert LOGIN' >/dev/null
}

# postgres_initdb HOME PASSWORD [PROGRAM]
postgres_initdb() {
  local words program=${3-$(postgres_program initdb)}
  write_config "$1/password" <<<"$2"
  if ! words=$("${as_server_user[@]}" "$program" --pgdata="$1/data" \
      --username=prism --pwfile="$1/password" --auth=scram-sha-256 --encoding=UTF8 \
      --locale=C.UTF-8 --no-sync --no-instructions 2>&1); then
    say "initdb: $words"
    return 1
  fi
  rm "$1/password"
}

postgres_config() {
  cat <<TEXT
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$1'
unix_socket_permissions = 0700
max_connections = 200
ssl = on
ssl_cert_file = '$1/server.crt'
ssl_key_file = '$1/server.key'
ssl_ca_file = '$1/ca.crt'
log_line_prefix = '%m [%p] %u@%d '
TEXT
  durable || printf '%s = off\n' fsync full_page_writes synchronous_commit
}

postgres_hba() {
  cat <<'TEXT'
hostssl all         prism_cert 127.0.0.1/32 cert
local   all         all                     scram-sha-256
host    all         all        127.0.0.1/32 scram-sha-256
local   replication all                     scram-sha-256
host    replication all        127.0.0.1/32 scram-sha-256
TEXT
}

# It would take a dead one that nobody has reaped yet for a server that runs.
postgres_before_restart() {
  rm -f "$(home_of postgres)"/{data/postmaster.pid,.s.PGSQL.*.lock}
}

postgres_url() {
  offered postgres PRISM_TEST_POSTGRES
}

# postgres_query SQL [URL]
postgres_query() {
  local url=${2-$(postgres_url)} rest password
  rest=${url#*:*:}
  password=${rest%%@*}
  PGPASSWORD=$password PGCONNECT_TIMEOUT=5 psql -qAtX "${url/:$password@/@}" -c "$1"
}

postgres_ready() {
  [[ $(postgres_query 'SELECT 1' 2>/dev/null) == 1 ]]
}
