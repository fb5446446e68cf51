# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016

services+=(pgbouncer)

pgbouncer_help='
  PRISM_TEST_PGBOUNCER          URL of the same superuser through PgBouncer in transaction mode, four
                                connections for each role and database; any role and any database
                                work; prism may use the database pgbouncer (SHOW POOLS)'

pgbouncer_needs=(postgres)

pgbouncer_is_installed() {
  { postgres_is_installed && pgbouncer_program; } >/dev/null
}

# Debian puts it where only root's PATH leads.
pgbouncer_program() {
  PATH=$PATH:/usr/sbin command -v pgbouncer
}

pgbouncer_start() {
  local home port url rest password server
  home=$(make_home pgbouncer user)
  port=$(free_port)
  url=$(postgres_url)
  rest=${url#postgresql://prism:}
  password=${rest%%@*}
  server=${url##*@}
  write_config "$home/users.txt" <<<"\"prism\" \"$password\""
  pgbouncer_config "$home" "$port" "${server%/*}" | write_config "$home/pgbouncer.ini"
  offer PRISM_TEST_PGBOUNCER "postgresql://prism:$password@127.0.0.1:$port/postgres"
  spawn pgbouncer "${as_server_user[@]}" "$(pgbouncer_program)" "$home/pgbouncer.ini"
  await pgbouncer
}

# Nothing in ignore_startup_parameters: a client that sends one must fail.
pgbouncer_config() {
  cat <<TEXT
[databases]
* = host=127.0.0.1 port=${3#*:} auth_user=prism

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $2
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $1/users.txt
admin_users = prism
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
server_login_retry = 0.1
query_wait_timeout = 20
ignore_startup_parameters =
TEXT
}

pgbouncer_ready() {
  [[ $(postgres_query 'SELECT 1' "$(offered pgbouncer PRISM_TEST_PGBOUNCER)" 2>/dev/null) == 1 ]]
}
